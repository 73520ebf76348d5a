"""Conformance of `RolloutStore`."""
# ruff: noqa: S101

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import ConflictError, NotFoundError, StateTransitionError
from millwright.core.ids import RolloutId, new_id
from millwright.core.records.rollout import (
    CanaryLimits,
    RolloutArm,
    RolloutDecision,
    RolloutEvidence,
    RolloutKind,
    RolloutRecord,
    RolloutState,
)
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance
from millwright.testing.process import in_processes

if TYPE_CHECKING:
    from millwright.storage.base.rollouts import RolloutStore
    from millwright.testing.conformance import Opener


class RolloutStoreConformance(StoreConformance):
    """Rollouts, changed by whoever read them last."""

    @pytest.mark.parametrize("endpoint", sample.NAMES)
    def test_rollout_comes_back_as_it_was_stored(self, store: RolloutStore, endpoint: str) -> None:
        """With every field, whatever the endpoint's name."""
        record = rollout(
            endpoint=endpoint,
            limits=CanaryLimits(min_requests=5, max_shift=None),
            looks=3,
            step=1,
            decision=decision(evidence=sample.JSON),
        )
        store.create(record)
        assert store.get(record.id) == record
        assert store.find_open(endpoint) == record

    def test_endpoint_has_one_open_rollout(self, store: RolloutStore) -> None:
        """Another one begins when that has ended; another endpoint has its own."""
        first, second = rollout(), rollout(created_at=sample.moment(9))
        store.create(first)
        with pytest.raises(ConflictError, match=first.id):
            store.create(second)
        store.create(rollout(endpoint="elsewhere"))
        paused = store.update(replace(first, state=RolloutState.PAUSED))
        with pytest.raises(ConflictError, match=first.id):
            store.create(second)
        store.update(replace(paused, state=RolloutState.ENDED, ended_at=sample.moment(5)))
        assert store.find_open("delay") is None
        store.create(second)
        assert store.find_open("delay") == second

    def test_rollouts_are_listed_the_newest_first(self, store: RolloutStore) -> None:
        """Of one endpoint when asked for, and no more than asked for."""
        assert store.list_rollouts() == []
        records = []
        for second, endpoint in enumerate(("a", "größe", "a")):
            opened = rollout(endpoint=endpoint, created_at=sample.moment(second))
            store.create(opened)
            records.append(store.update(replace(opened, state=RolloutState.ROLLED_BACK)))
        assert store.list_rollouts() == records[::-1]
        assert store.list_rollouts(endpoint="a") == [records[2], records[0]]
        assert store.list_rollouts(endpoint="a", limit=1) == [records[2]]

    def test_change_of_what_someone_has_changed_is_refused(self, store: RolloutStore) -> None:
        """And changes nothing."""
        record = rollout()
        store.create(record)
        changed = store.update(replace(record, step=1, arms=(record.arms[0],)))
        assert changed == replace(record, step=1, arms=(record.arms[0],), revision=2)
        with pytest.raises(ConflictError, match="same moment"):
            store.update(replace(record, step=2))
        assert store.get(record.id) == changed

    def test_ended_rollout_stays_as_it_is(self, store: RolloutStore) -> None:
        """Whatever the state it ended in."""
        for state in (RolloutState.PROMOTED, RolloutState.ROLLED_BACK, RolloutState.ENDED):
            opened = rollout()
            store.create(opened)
            ended = store.update(replace(opened, state=state))
            for wanted in RolloutState:
                with pytest.raises(StateTransitionError, match=state.value):
                    store.update(replace(ended, state=wanted))
            assert store.get(opened.id) == ended

    def test_unknown_rollout_is_an_error(self, store: RolloutStore) -> None:
        """Read or changed."""
        with pytest.raises(NotFoundError, match="'nothing'"):
            store.get(RolloutId("nothing"))
        with pytest.raises(NotFoundError, match="'nothing'"):
            store.update(rollout(id=RolloutId("nothing")))
        assert store.find_open("delay") is None

    def test_one_of_several_processes_changes_a_rollout(self, store: RolloutStore, shared_opener: Opener) -> None:
        """The others are told that they came too late."""
        record = rollout()
        store.create(record)
        told = in_processes(shared_opener, _change, count=3)
        assert sorted(told) == ["conflict", "conflict", "done"]
        assert store.get(record.id).revision == 2

    def test_evidence_is_kept_by_step_arm_and_process(self, store: RolloutStore) -> None:
        """Written again it replaces what the same process wrote before."""
        record = rollout()
        store.create(record)
        every = [
            evidence(record.id, step=step, arm=arm, process=process)
            for step in (0, 1)
            for arm in ("canary", "primary")
            for process in ("host:1:2/1", "host:1:2/2")
        ]
        store.put_evidence(every[::-1])
        assert store.list_evidence(record.id) == every
        later = replace(every[5], updated_at=sample.moment(60), counts=sample.JSON)
        store.put_evidence([later])
        store.put_evidence([])
        assert store.list_evidence(record.id, step=1) == [every[4], later, *every[6:]]
        assert store.list_evidence(RolloutId("another")) == []

    def test_old_evidence_of_ended_rollouts_goes(self, store: RolloutStore) -> None:
        """That of open ones stays however old, and so do the rollouts."""
        ended, opened = rollout(), rollout(endpoint="elsewhere")
        for record in (ended, opened):
            store.create(record)
            every = [evidence(record.id, process=str(second), updated_at=sample.moment(second)) for second in (1, 2, 9)]
            store.put_evidence(every)
        before = sample.moment(5)
        assert (store.count_evidence(before), store.purge_evidence(before)) == (0, 0)
        changed = store.update(replace(ended, state=RolloutState.ENDED))
        assert store.count_evidence(before) == 2
        assert store.purge_evidence(before) == 2
        assert store.count_evidence(before) == 0
        assert [each.process for each in store.list_evidence(ended.id)] == ["9"]
        assert len(store.list_evidence(opened.id)) == 3
        assert store.get(ended.id) == changed


def _change(store: RolloutStore, number: int) -> str:
    [record] = store.list_rollouts()
    if record.revision > 1:
        return "conflict"
    try:
        store.update(replace(record, step=number))
    except ConflictError:
        return "conflict"
    return "done"


def rollout(**changes: Any) -> RolloutRecord:
    """A canary that has begun."""
    fields: dict[str, Any] = {
        "id": RolloutId(new_id()),
        "endpoint": "delay",
        "model": "delay",
        "alias": "champion",
        "kind": RolloutKind.CANARY,
        "arms": (
            RolloutArm(name="primary", version=1, weight=90.0),
            RolloutArm(name="canary", version=2, weight=10.0),
        ),
        "created_at": sample.NOON,
        "created_by": "user:ada",
        "step_since": sample.moment(3),
        "decision": decision(),
        "steps": (10.0, 50.0, 100.0),
        "hold_s": 600.0,
    }
    return RolloutRecord(**fields | changes)


def decision(**changes: Any) -> RolloutDecision:
    """That it begins."""
    fields: dict[str, Any] = {"action": "start", "at": sample.NOON, "by": "user:ada", "reason": "größer"}
    return RolloutDecision(**fields | changes)


def evidence(rollout_id: RolloutId, **changes: Any) -> RolloutEvidence:
    """A few requests."""
    fields: dict[str, Any] = {
        "rollout_id": rollout_id,
        "step": 0,
        "arm": "canary",
        "process": "host:1:2/1",
        "updated_at": sample.NOON,
        "counts": {"answered": 3, "latencies": {"4": 3}},
    }
    return RolloutEvidence(**fields | changes)
