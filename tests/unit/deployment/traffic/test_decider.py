from __future__ import annotations

import logging
from bisect import bisect_left
from datetime import timedelta

import numpy as np
import pytest

from millwright.core.records.rollout import CanaryLimits, RolloutEvidence, RolloutState
from millwright.deployment.traffic.control import RolloutControl
from millwright.deployment.traffic.decider import Decider, tallies
from millwright.deployment.traffic.latency import LATENCY_BOUNDS
from millwright.deployment.traffic.strategy import Canary, Split
from millwright.deployment.traffic.tally import Tally

LIMITS = CanaryLimits(min_requests=200)
HOLD = timedelta(minutes=10)


def counted(requests: int, *, failed: int = 0, seed: int = 0) -> Tally:
    rng = np.random.default_rng(seed)
    tally = Tally(answered=requests, failed=failed)
    for each in rng.lognormal(-6, 0.3, requests):
        tally.latencies[bisect_left(LATENCY_BOUNDS, each)] += 1
    tally.add_outputs([{"prediction": float(value)} for value in rng.normal(size=requests - failed)])
    return tally


@pytest.fixture
def make(workspace, clock):
    def decider(holder: str = "here:1:2/a", **options) -> Decider:
        control = RolloutControl(stores=workspace.stores, registry=workspace.registry, clock=clock, actor="user:ada")
        return Decider(stores=workspace.stores, control=control, clock=clock, holder=holder, **options)

    return decider


@pytest.fixture
def tell(workspace, clock):
    """Writes what processes have counted in the rollout's present step."""

    def write(record, process: str = "p", **arms: Tally) -> None:
        workspace.stores.rollouts.put_evidence(
            [
                RolloutEvidence(
                    rollout_id=record.id, step=record.step, arm=name, process=process, updated_at=clock.now(),
                    counts=tally.to_json(),
                )
                for name, tally in arms.items()
            ]
        )  # fmt: skip

    return write


def test_good_canary_advances_when_its_time_is_over(begin, make, tell, clock, workspace):
    record, decider = begin(Canary(limits=LIMITS)), make()
    for step in (0, 1):
        tell(record, primary=counted(2_000), canary=counted(500, seed=1))
        early = decider.look(record)
        assert (early.step, early.state, early.looks) == (step, RolloutState.RUNNING, 1)
        clock.advance(HOLD)
        record = decider.look(early)
    actor = f"automation:rollout/{record.id}"
    assert (record.state, record.decision.by) == (RolloutState.PROMOTED, actor)
    moved = workspace.stores.models.find_alias("delay", "champion")
    assert (moved.version, moved.set_by) == (2, actor)
    entries = sorted(workspace.stores.audit.list(), key=lambda entry: entry.seq)
    audited = {entry.action: entry.actor for entry in entries}  # of each action the last
    assert audited["rollout.start"] == "user:ada"
    assert audited["rollout.advance"] == audited["rollout.promote"] == audited["model.promote"] == actor
    assert record.decision.evidence["errors"]["p_value"] == pytest.approx(1.0)


def test_bad_canary_is_rolled_back_before_its_time_is_over(begin, make, tell, workspace):
    record = begin(Canary(limits=LIMITS))
    tell(record, primary=counted(2_000), canary=counted(200, failed=60))
    found = make().look(record)
    assert found.state is RolloutState.ROLLED_BACK
    assert found.decision.evidence["rejected"] == [2]
    assert workspace.stores.models.list_approvals("delay", 2)[-1].actor == f"automation:rollout/{record.id}"
    assert "30.00% of its requests ended in an error" in found.decision.reason
    assert workspace.stores.models.find_alias("delay", "champion").version == 1


def test_counts_of_all_processes_are_judged_together(begin, make, tell):
    record = begin(Canary(limits=LIMITS))
    for number in range(4):
        tell(record, f"p{number}", primary=counted(60), canary=counted(60, failed=20))
        found = make().look(record)
        assert found.state is (RolloutState.RUNNING if number < 3 else RolloutState.ROLLED_BACK)


def test_canary_without_requests_waits(begin, make, clock):
    record = begin(Canary(limits=LIMITS))
    clock.advance(100 * HOLD)
    assert make().look(record) == record


def test_canary_is_looked_at_when_its_requests_have_grown(begin, make, tell, clock):
    record, decider = begin(Canary(limits=LIMITS)), make()
    looks = []
    for requests in (200, 210, 249, 250, 300, 312, 313):
        tell(record, primary=counted(2_000), canary=counted(requests, failed=4))
        record = decider.look(record)
        looks.append(record.looks)
    assert looks == [1, 1, 1, 2, 2, 2, 3]
    clock.advance(HOLD)
    assert decider.look(record).looks == 4  # its time is over: once more, though little has come
    assert decider.look(decider.look(record)).looks == 4


def test_paused_canary_does_not_advance_but_is_rolled_back(begin, make, tell, clock, control):
    record, decider = control.pause(begin(Canary(limits=LIMITS)), reason="lunch"), make()
    clock.advance(HOLD)
    tell(record, primary=counted(2_000), canary=counted(300, seed=1))
    record = decider.look(record)
    assert (record.state, record.step, record.looks) == (RolloutState.PAUSED, 0, 1)
    assert (record.decision.action, record.decision.reason) == ("pause", "lunch")
    assert record.decision.evidence["canary"]["answered"] == 300
    tell(record, primary=counted(2_000), canary=counted(400, failed=200))
    assert decider.look(record).state is RolloutState.ROLLED_BACK


def test_one_of_two_decides(begin, make, tell):
    record = begin(Canary(limits=LIMITS))
    first, second = make("here:1:2/a"), make("there:1:2/b")
    assert first.look(record) == record
    tell(record, primary=counted(2_000), canary=counted(200, failed=60))
    assert second.look(record) == record
    first.leave(record)
    assert second.look(record).state is RolloutState.ROLLED_BACK


def test_right_to_decide_ends_by_itself(begin, make, tell, clock):
    record = begin(Canary(limits=LIMITS))
    make("there:1:2/a", lease_s=15).look(record)
    tell(record, primary=counted(2_000), canary=counted(200, failed=60))
    clock.advance(timedelta(seconds=16))
    assert make("here:1:2/b").look(record).state is RolloutState.ROLLED_BACK


def test_refused_promotion_pauses_and_waits_for_people(
    begin, make, tell, clock, workspace, control, monkeypatch, caplog
):
    class Objects:
        def check(self, *args: object) -> list[str]:
            del args
            return ["Two people have to approve it."]

    record, decider = begin(Canary(at=[50, 100], limits=LIMITS)), make()
    monkeypatch.setattr(workspace.registry, "_policy", Objects())
    tell(record, primary=counted(600), canary=counted(600, seed=1))
    clock.advance(HOLD)
    with caplog.at_level(logging.WARNING):
        paused = decider.look(record)
    assert (paused.state, [arm.weight for arm in paused.arms]) == (RolloutState.PAUSED, [50.0, 50.0])
    assert "Two people have to approve it" in paused.decision.reason
    assert workspace.stores.models.find_alias("delay", "champion").version == 1
    assert control.promote(paused, reason="approved", force=True).state is RolloutState.PROMOTED


def test_rollout_ends_when_the_alias_goes_elsewhere(begin, make, workspace):
    record = begin(Split([50, 50]))
    assert make().look(record) == record
    workspace.registry.promote("delay", 2, reason="a quick repair")
    found = make().look(record)
    assert found.decision.by == f"automation:rollout/{record.id}"
    assert (found.state, found.decision.reason) == (
        RolloutState.ENDED,
        "delay@champion was moved to version 2 meanwhile.",
    )


def test_look_of_one_who_was_late_changes_nothing(begin, make, control):
    record = begin(Canary(limits=LIMITS))
    ended = control.end(record, reason="enough")
    assert make().look(record) == ended


def test_evidence_of_one_step_is_apart_from_that_of_others(begin, tell, control, workspace):
    record = begin(Canary(limits=LIMITS))
    tell(record, primary=counted(5), canary=counted(3))
    record = control.advance(record, reason="more")
    tell(record, canary=counted(7))
    store = workspace.stores.rollouts
    assert {name: t.answered for name, t in tallies(store, record, step=1).items()} == {"primary": 0, "canary": 7}
    assert {name: t.answered for name, t in tallies(store, record).items()} == {"primary": 5, "canary": 10}
