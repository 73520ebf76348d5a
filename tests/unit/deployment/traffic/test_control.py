from __future__ import annotations

from datetime import timedelta

import pytest

from millwright.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PromotionRefusedError,
    StateTransitionError,
)
from millwright.core.records.model import ModelVersionState
from millwright.core.records.prediction import EndpointRecord
from millwright.core.records.rollout import RolloutKind, RolloutState
from millwright.deployment.traffic.control import RolloutControl, RolloutPlan
from millwright.deployment.traffic.strategy import AB, Canary, Shadow, Split


def weights(record) -> list[float]:
    return [arm.weight for arm in record.arms]


def entries(workspace) -> list:
    return sorted((e for e in workspace.stores.audit.list() if "rollout" in e.details), key=lambda e: e.seq)


def test_canary_begins_beside_what_the_alias_points_to(begin, workspace, clock):
    record = begin()
    assert workspace.stores.rollouts.find_open("delay") == record
    assert [(arm.name, arm.version, arm.weight) for arm in record.arms] == [("primary", 1, 90.0), ("canary", 2, 10.0)]
    assert (record.alias, record.created_by, record.hold_s, record.step_since) == (
        "champion",
        "user:ada",
        600.0,
        clock.now(),
    )
    [entry] = entries(workspace)
    assert (entry.actor, entry.action, entry.subject) == ("user:ada", "rollout.start", "delay")
    assert entry.details["arms"] == {"primary": ["delay@1", 90.0], "canary": ["delay@2", 10.0]}


def test_rollout_and_its_promotion_stand_in_the_name_of_who_acts(control, workspace):
    plan = RolloutPlan(model="delay", versions=[2], strategy=Canary(), reason="retrained")
    record = control.acting_as("automation").start(plan)
    assert (record.created_by, record.decision.by, record.decision.reason) == ("automation", "automation", "retrained")
    control.acting_as("automation").promote(record, reason="good")
    assert workspace.stores.models.find_alias("delay", "champion").set_by == "automation"


def test_every_change_is_audited_and_stored(begin, control, clock, workspace):
    record = begin()
    clock.advance(timedelta(minutes=1))
    record = control.advance(record, reason="enough of 10 %", evidence={"answered": 7})
    assert (weights(record), record.step, record.step_since, record.looks) == ([50.0, 50.0], 1, clock.now(), 0)
    record = control.pause(record, reason="lunch")
    record = control.resume(record, reason="after lunch")
    record = control.advance(record, reason="enough of 50 %")
    assert (record.state, weights(record), record.ended_at) == (RolloutState.PROMOTED, [0.0, 100.0], clock.now())
    assert workspace.stores.models.find_alias("delay", "champion").version == 2
    assert workspace.stores.rollouts.get(record.id) == record
    told = [(entry.action, entry.details["reason"]) for entry in entries(workspace)]
    assert told == [
        ("rollout.start", "canary begun by hand"),
        ("rollout.advance", "enough of 10 %"),
        ("rollout.pause", "lunch"),
        ("rollout.resume", "after lunch"),
        ("rollout.promote", "enough of 50 %"),
    ]
    assert entries(workspace)[1].details["evidence"] == {"answered": 7}


def test_promotion_that_the_policy_refuses_changes_nothing(begin, workspace, clock, monkeypatch):
    class Objects:
        def check(self, *args: object) -> list[str]:
            del args
            return ["Two people have to approve it."]

    monkeypatch.setattr(workspace.registry, "_policy", Objects())
    control = RolloutControl(stores=workspace.stores, registry=workspace.registry, clock=clock, actor="user:ada")
    record = begin()
    with pytest.raises(PromotionRefusedError, match="Two people"):
        control.promote(record, reason="now")
    assert workspace.stores.rollouts.get(record.id) == record
    assert len(entries(workspace)) == 1
    assert control.promote(record, reason="now", force=True).state is RolloutState.PROMOTED


def test_rolled_back_version_is_rejected_with_the_reason(begin, control, workspace):
    record = control.roll_back(begin(), reason="too slow", reject=True)
    assert (record.state, record.decision.evidence) == (RolloutState.ROLLED_BACK, {"rejected": [2]})
    assert workspace.stores.models.get_version("delay", 2).state is ModelVersionState.REJECTED
    last = workspace.stores.models.list_approvals("delay", 2)[-1]
    assert (last.approved, last.reason) == (False, "canary rolled back: too slow")


def test_version_that_carries_an_alias_is_rolled_back_but_not_rejected(begin, control, workspace):
    workspace.registry.promote("delay", 2, "challenger", reason="a test")
    record = control.roll_back(begin(), reason="too slow", reject=True)
    assert (record.state, record.decision.evidence) == (RolloutState.ROLLED_BACK, {"rejected": []})
    assert workspace.stores.models.get_version("delay", 2).state is ModelVersionState.APPROVED


def test_aborted_rollout_rejects_nothing(begin, control, workspace):
    control.roll_back(begin(), reason="not today")
    assert workspace.stores.models.get_version("delay", 2).state is ModelVersionState.APPROVED
    assert begin().state is RolloutState.RUNNING


def test_change_of_what_someone_else_has_changed_is_refused(begin, control):
    record = begin()
    control.pause(record, reason="lunch")
    for change in (control.advance, control.roll_back, control.promote, control.end):
        with pytest.raises(ConflictError, match="same moment"):
            change(record, reason="at once")


def test_ended_rollout_cannot_go_on(begin, control):
    record = control.end(begin(), reason="enough")
    for change in (control.advance, control.pause, control.resume, control.promote, control.roll_back):
        with pytest.raises(StateTransitionError):
            change(record, reason="again")


def test_weights_of_a_split_change(begin, control):
    record = control.weigh(begin(Split([90, 10])), [60, 40], reason="more")
    assert (weights(record), record.step) == ([60.0, 40.0], 1)
    for wrong in ([100], [60, 60]):
        with pytest.raises(InvalidInputError, match="weight"):
            control.weigh(record, wrong, reason="more")
    with pytest.raises(InvalidInputError, match="Expected a canary to advance"):
        control.advance(record, reason="more")


def test_canary_is_not_weighed(begin, control):
    with pytest.raises(InvalidInputError, match="advance"):
        control.weigh(begin(), [50, 50], reason="more")


def test_either_arm_of_a_comparison_may_be_promoted(begin, control, workspace):
    record = control.promote(begin(AB()), arm="champion", reason="it stays")
    assert (record.state, record.kind) == (RolloutState.PROMOTED, RolloutKind.AB)
    assert workspace.stores.models.find_alias("delay", "champion").version == 1
    with pytest.raises(InvalidInputError, match="challenger"):
        control.promote(begin(AB()), arm="chalenger", reason="it goes")


def test_change_without_a_reason_is_refused(begin, control):
    with pytest.raises(InvalidInputError, match="reason"):
        control.pause(begin(), reason=" ")


def test_versions_that_cannot_share_are_refused(begin, workspace):
    with pytest.raises(InvalidInputError, match="differ from one another and from version 1"):
        begin(versions=(1,))
    with pytest.raises(InvalidInputError, match="differ"):
        begin(Split([80, 10, 10]), versions=(2, 2))
    with pytest.raises(NotFoundError):
        begin(versions=(9,))
    workspace.registry.reject("delay", 2, reason="a test")
    with pytest.raises(StateTransitionError, match="rejected"):
        begin(Shadow())
    assert workspace.stores.rollouts.list_rollouts() == []


def test_alias_that_points_nowhere_has_nothing_to_share(begin):
    with pytest.raises(NotFoundError, match="points to no version yet"):
        begin(alias="staging")


def test_endpoint_tells_which_alias_it_follows(begin, workspace, clock):
    workspace.registry.promote("delay", 1, "staging", reason="a test")
    for selector, name in (("staging", "trial"), ("1", "pinned")):
        workspace.stores.endpoints.put(
            EndpointRecord(name=name, model="delay", selector=selector, updated_at=clock.now())
        )
    workspace.stores.endpoints.put(
        EndpointRecord(name="other", model="cost", selector="champion", updated_at=clock.now())
    )
    assert begin(endpoint="trial").alias == "staging"
    with pytest.raises(ConflictError, match="follows version 1"):
        begin(endpoint="pinned")
    with pytest.raises(ConflictError, match="serves 'cost'"):
        begin(endpoint="other")


def test_rollout_is_found_by_its_endpoint_or_id(begin, control):
    first = control.end(begin(), reason="enough")
    assert control.find("delay") == control.find(first.id) == first
    second = begin(Canary("1h"))
    assert control.find("delay") == second
    with pytest.raises(NotFoundError, match="delya") as caught:
        control.find("delya")
    assert "delay" in caught.value.hint


def test_looks_that_change_nothing_are_no_entries(begin, control, workspace):
    record = control.note(begin(), reason="7 of 200", evidence={"answered": 7})
    assert (record.looks, record.decision.action) == (1, "wait")
    assert len(entries(workspace)) == 1
