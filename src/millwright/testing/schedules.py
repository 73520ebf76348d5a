"""Conformance of `ScheduleStore`."""
# ruff: noqa: S101

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import AlreadyExistsError, NotFoundError
from millwright.core.records.schedule import ActiveState, CatchUp, LaunchTarget, ScheduleRecord
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance
from millwright.testing.process import in_processes

if TYPE_CHECKING:
    from millwright.storage.base.schedules import ScheduleStore
    from millwright.testing.conformance import Opener


class ScheduleStoreConformance(StoreConformance):
    """Pipelines that run at certain times."""

    def test_schedule_comes_back_as_it_was_stored(self, store: ScheduleStore) -> None:
        """With every field; and its name is taken then."""
        record = schedule(
            target=target(params=sample.JSON, priority=3, code=sample.code()),
            tz="Europe/Berlin",
            catch_up=CatchUp.ALL,
            catch_up_limit=3,
            last_at=sample.moment(-9),
        )
        store.create(record)
        assert store.get(record.name) == record
        with pytest.raises(AlreadyExistsError, match=record.name):
            store.create(replace(record, cron="1 1 1 1 1"))
        assert store.list_schedules() == [record]

    def test_schedules_are_listed_by_name(self, store: ScheduleStore) -> None:
        """Those of one pipeline when asked for."""
        records = [schedule(name=name, target=target(name=name.upper())) for name in ("größe", "b", "a")]
        for record in records:
            store.create(record)
        assert [each.name for each in store.list_schedules()] == ["a", "b", "größe"]
        assert store.list_schedules(pipeline="B") == [records[1]]

    def test_unknown_schedule_is_an_error_that_names_the_nearest(self, store: ScheduleStore) -> None:
        """Of every call that names one."""
        store.create(schedule(name="nightly"))
        for call in (store.get, store.delete):
            with pytest.raises(NotFoundError, match=r"'nihgtly'.*'nightly'"):
                call("nihgtly")
        with pytest.raises(NotFoundError, match="no schedule 'x'"):
            store.update(schedule(name="x"))

    def test_schedule_is_replaced_and_removed(self, store: ScheduleStore) -> None:
        """By its name."""
        store.create(schedule())
        changed = schedule(cron="5 5 * * *", state=ActiveState.PAUSED, next_at=None)
        store.update(changed)
        assert store.get(changed.name) == changed
        store.delete(changed.name)
        assert store.list_schedules() == []

    def test_schedule_is_due_once_its_time_has_come(self, store: ScheduleStore) -> None:
        """Paused ones and those without a next time never are; the one that waited longest comes first."""
        for name, second in (("late", 5), ("early", 1), ("later", 9)):
            store.create(schedule(name=name, next_at=sample.moment(second)))
        store.create(schedule(name="paused", next_at=sample.moment(0), state=ActiveState.PAUSED))
        store.create(schedule(name="over", next_at=None))
        assert [each.name for each in store.list_due(sample.moment(5))] == ["early", "late"]
        assert store.list_due(sample.moment(0)) == []

    def test_schedule_is_advanced_by_one_who_saw_its_time(self, store: ScheduleStore) -> None:
        """Not twice, and not when it is paused or gone."""
        store.create(schedule(next_at=sample.moment(1)))
        seen = {"seen": sample.moment(1), "next_at": sample.moment(61)}
        assert store.advance("nightly", **seen, last_at=sample.moment(1))
        assert not store.advance("nightly", **seen, last_at=sample.moment(1))
        found = store.get("nightly")
        assert (found.next_at, found.last_at) == (sample.moment(61), sample.moment(1))
        assert store.advance("nightly", seen=sample.moment(61), next_at=None, last_at=None)
        found = store.get("nightly")
        assert (found.next_at, found.last_at) == (None, sample.moment(1))
        store.update(schedule(next_at=sample.moment(1), state=ActiveState.PAUSED))
        assert not store.advance("nightly", **seen, last_at=None)
        assert not store.advance("nowhere", **seen, last_at=None)

    def test_schedule_is_advanced_once_when_processes_try_together(self, shared_opener: Opener) -> None:
        """Each of its times."""
        with shared_opener() as store:
            store.create(schedule(next_at=sample.moment(0)))
        won = in_processes(shared_opener, _advance)
        assert [sum(pair) for pair in zip(*won, strict=True)] == [1] * 20


def target(**changes: Any) -> LaunchTarget:
    """A pipeline."""
    return LaunchTarget(**{"name": "delay", "pipeline": "/project/pipeline.py:delay", **changes})


def schedule(**changes: Any) -> ScheduleRecord:
    """A schedule that is due at noon."""
    fields: dict[str, Any] = {
        "name": "nightly",
        "target": target(),
        "cron": "0 2 * * *",
        "created_at": sample.NOON,
        "created_by": "ada",
        "next_at": sample.NOON,
    }
    return ScheduleRecord(**{**fields, **changes})


def _advance(store: ScheduleStore, number: int) -> list[bool]:
    del number
    return [
        store.advance("nightly", seen=sample.moment(second), next_at=sample.moment(second + 1), last_at=None)
        for second in range(20)
    ]
