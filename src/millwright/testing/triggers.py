"""Conformance of `TriggerStore`."""
# ruff: noqa: S101

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import AlreadyExistsError, NotFoundError
from millwright.core.records.schedule import ActiveState, TriggerKind, TriggerRecord
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance
from millwright.testing.process import in_processes
from millwright.testing.schedules import target

if TYPE_CHECKING:
    from millwright.storage.base.triggers import TriggerStore
    from millwright.testing.conformance import Opener


class TriggerStoreConformance(StoreConformance):
    """Pipelines that run when something happens."""

    def test_trigger_comes_back_as_it_was_stored(self, store: TriggerStore) -> None:
        """With every field; and its name is taken then."""
        record = trigger(
            kind=TriggerKind.ALERT,
            only=("drift",),
            cooldown_s=1.5,
            position="größe",
            fired_at=sample.moment(2),
            token_hash="hash",  # noqa: S106 - of a sample
            target=target(params=sample.JSON),
        )
        store.create(record)
        assert store.get(record.name) == record
        assert "hash" not in repr(record)
        with pytest.raises(AlreadyExistsError, match=record.name):
            store.create(replace(record, subject="other", token_hash=None))

    def test_triggers_are_listed_by_name(self, store: TriggerStore) -> None:
        """Of a pipeline, of a kind, and active ones when asked for."""
        kinds = {"b": TriggerKind.CODE, "a": TriggerKind.DATASET, "c": TriggerKind.DATASET}
        for name, kind in kinds.items():
            store.create(trigger(name=name, kind=kind, target=target(name=name.upper())))
        store.set_state("c", ActiveState.PAUSED)
        assert [each.name for each in store.list_triggers()] == ["a", "b", "c"]
        assert [each.name for each in store.list_triggers(kind=TriggerKind.DATASET)] == ["a", "c"]
        assert [each.name for each in store.list_triggers(active_only=True)] == ["a", "b"]
        assert [each.name for each in store.list_triggers(pipeline="B")] == ["b"]

    def test_trigger_is_found_by_the_hash_of_its_token(self, store: TriggerStore) -> None:
        """Nobody else's."""
        store.create(trigger())
        hook = trigger(name="hook", kind=TriggerKind.WEBHOOK, token_hash="abc")  # noqa: S106 - of a sample
        store.create(hook)
        assert store.find_by_token("abc") == hook
        assert store.find_by_token("abd") is None

    def test_unknown_trigger_is_an_error_that_names_the_nearest(self, store: TriggerStore) -> None:
        """Of every call that names one."""
        store.create(trigger(name="new-data"))
        for call in (store.get, store.delete, lambda name: store.set_state(name, ActiveState.PAUSED)):
            with pytest.raises(NotFoundError, match=r"'new-dta'.*'new-data'"):
                call("new-dta")

    def test_trigger_is_paused_resumed_and_removed(self, store: TriggerStore) -> None:
        """Resuming can say where it goes on."""
        record = trigger(position="3")
        store.create(record)
        assert store.set_state(record.name, ActiveState.PAUSED) == replace(record, state=ActiveState.PAUSED)
        assert store.set_state(record.name, ActiveState.ACTIVE, position="8") == replace(record, position="8")
        store.delete(record.name)
        assert store.list_triggers() == []

    def test_trigger_is_moved_by_one_who_saw_its_position(self, store: TriggerStore) -> None:
        """Not twice, and not when it is paused or gone."""
        store.create(trigger(position="1"))
        assert store.move("new-data", seen="1", position="2", fired_at=sample.moment(3))
        assert not store.move("new-data", seen="1", position="2", fired_at=sample.moment(4))
        assert store.move("new-data", seen="2", position="3", fired_at=None)
        found = store.get("new-data")
        assert (found.position, found.fired_at) == ("3", sample.moment(3))
        store.set_state("new-data", ActiveState.PAUSED)
        assert not store.move("new-data", seen="3", position="4", fired_at=None)
        assert not store.move("nowhere", seen="3", position="4", fired_at=None)

    def test_trigger_is_moved_once_when_processes_try_together(self, shared_opener: Opener) -> None:
        """Each time."""
        with shared_opener() as store:
            store.create(trigger(position="0"))
        won = in_processes(shared_opener, _move)
        assert [sum(pair) for pair in zip(*won, strict=True)] == [1] * 20


def trigger(**changes: Any) -> TriggerRecord:
    """A trigger on a dataset."""
    fields: dict[str, Any] = {
        "name": "new-data",
        "kind": TriggerKind.DATASET,
        "subject": "schedules",
        "target": target(),
        "created_at": sample.NOON,
        "created_by": "ada",
    }
    return TriggerRecord(**{**fields, **changes})


def _move(store: TriggerStore, number: int) -> list[bool]:
    del number
    return [store.move("new-data", seen=str(at), position=str(at + 1), fired_at=None) for at in range(20)]
