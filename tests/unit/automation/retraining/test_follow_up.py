from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from millwright.automation.retraining import FollowUp
from millwright.core.errors import ConflictError
from millwright.core.ids import RolloutId, StepRunId, new_id
from millwright.core.records.model import ModelVersionState
from millwright.core.records.monitor import AlertState, Outcome
from millwright.core.records.pipeline import StepRunRecord, StepStatus
from millwright.core.records.rollout import (
    CanaryLimits,
    RolloutArm,
    RolloutDecision,
    RolloutKind,
    RolloutRecord,
    RolloutState,
)
from millwright.deployment.traffic.canary import judge
from millwright.deployment.traffic.control import RolloutControl
from millwright.deployment.traffic.latency import LATENCY_BUCKETS
from millwright.deployment.traffic.tally import Tally
from millwright.governance.approval import GatesPassedPolicy
from millwright.governance.approval_rule import ApprovalRulePolicy, ApprovalRules
from millwright.registry import Registry


@dataclass
class World:
    """A loop in whose project somebody has to approve versions."""

    loop: Any
    registry: Registry
    canary_refused: bool = False
    plans: list[Any] = field(default_factory=list)

    def follow_up(self) -> FollowUp:
        project = self.loop.project
        return FollowUp(
            stores=project.stores,
            clock=project.clock,
            events=project.events,
            registry=self.registry,
            start_canary=self.start_canary,
        )

    def settle(self) -> list[Outcome]:
        return [decision.outcome for decision in self.follow_up().settle_due()]

    def waiting(self, **rule: Any) -> Any:
        """A retraining whose challenger passed its gates and waits for an approval; the alert."""
        alert = self.loop.project.alert()
        [request] = self.loop.look(**rule)
        decision = self.loop.finish(request, package=b"better")
        assert decision.outcome is Outcome.WAITING
        assert "approv" in " ".join(decision.reasons)
        return alert

    def start_canary(self, version: Any, alias: str, plan: Any) -> None:
        self.plans.append(plan)
        if self.canary_refused:
            raise ConflictError("The endpoint has an open rollout.")
        now = self.loop.project.clock.now()
        self.loop.project.stores.rollouts.create(
            RolloutRecord(
                id=RolloutId("canary"), endpoint="delay", model=version.name, alias=alias, kind=RolloutKind.CANARY,
                arms=(RolloutArm(name="primary", version=1, weight=90.0),
                      RolloutArm(name="canary", version=version.version, weight=10.0)),
                created_at=now, created_by="automation", step_since=now, steps=(10.0, 100.0), hold_s=60.0,
                limits=CanaryLimits(),
                decision=RolloutDecision(action="start", at=now, by="automation", reason="approved"),
            )
        )  # fmt: skip

    def state(self, alert: Any) -> AlertState:
        return self.loop.project.stores.monitors.get_alert(alert.id).state


@pytest.fixture
def world(loop: Any) -> World:
    project = loop.project
    policy = ApprovalRulePolicy(
        ApprovalRules(needed=1),
        GatesPassedPolicy(project.stores.artifacts),
        makers_of=lambda _: set(),
        roles_of=lambda _: set(),
    )
    project.registry = Registry(
        stores=project.stores, clock=project.clock, events=project.events, actor="user:ada", policy=policy
    )
    return World(loop, project.registry)


def test_challenger_that_is_approved_takes_the_alias(world: World) -> None:
    alert = world.waiting()
    assert world.settle() == []
    assert world.state(alert) is AlertState.ACKNOWLEDGED
    world.registry.approve("delay", 2, reason="looks right")
    assert world.settle() == [Outcome.PROMOTED]
    assert world.registry.resolve("delay@champion").version == 2
    assert world.state(alert) is AlertState.RESOLVED
    assert world.settle() == []
    decision = world.loop.decisions()[-1]
    assert (decision.champion, decision.reasons) == ("delay@1", ("delay@2 passed its gates and is approved.",))


def test_nothing_is_trained_while_a_challenger_waits(world: World) -> None:
    world.waiting()
    world.loop.project.clock.advance(timedelta(hours=2))
    assert world.loop.look() == []  # its alert was taken on
    world.loop.project.alert()
    world.loop.project.stores.monitors.list_alerts()
    assert world.loop.look(alerts=frozenset({"drift", "missing_data"})) == []


def test_challenger_that_a_person_refuses_leaves_the_champion(world: World) -> None:
    alert = world.waiting()
    world.registry.reject("delay", 2, reason="odd on Mondays.")
    assert world.settle() == [Outcome.KEPT]
    assert world.loop.decisions()[-1].reasons == ("delay@2 was rejected by ada: odd on Mondays.",)
    assert world.registry.resolve("delay@champion").version == 1
    assert world.state(alert) is AlertState.RESOLVED


def test_challenger_that_a_person_promotes_is_noted(world: World) -> None:
    world.waiting()
    world.registry.promote("delay", 2, reason="I know it", force=True)
    assert world.settle() == [Outcome.PROMOTED]
    assert world.loop.decisions()[-1].reasons == ("delay@2 is champion now.",)


def test_challenger_that_never_met_the_champion_of_now_stays_behind(world: World) -> None:
    world.waiting()
    world.loop.project.register(b"another", passed=True)
    world.registry.promote("delay", 3, reason="faster", force=True)
    assert world.settle() == [Outcome.KEPT]
    assert "delay@3 became champion meanwhile" in world.loop.decisions()[-1].reasons[0]


@pytest.mark.parametrize("ends", [RolloutState.PROMOTED, RolloutState.ROLLED_BACK])
def test_approved_challenger_is_brought_in_by_a_canary(world: World, ends: RolloutState) -> None:
    from dataclasses import replace

    alert = world.waiting(canary=True)
    world.registry.approve("delay", 2, reason="looks right")
    world.canary_refused = True
    assert world.settle() == []
    world.canary_refused = False
    assert world.settle() == [Outcome.CANARY]
    assert world.settle() == []
    assert world.state(alert) is AlertState.ACKNOWLEDGED
    rollouts = world.loop.project.stores.rollouts
    record = rollouts.get(RolloutId("canary"))
    last = RolloutDecision(action="end", at=record.created_at, by="automation", reason="More errors.")
    rollouts.update(replace(record, state=ends, decision=last))
    if ends is RolloutState.PROMOTED:
        world.registry.promote("delay", 2, reason="canary")
    assert world.settle() == [Outcome.PROMOTED if ends is RolloutState.PROMOTED else Outcome.KEPT]
    assert world.state(alert) is AlertState.RESOLVED
    if ends is RolloutState.ROLLED_BACK:
        reason = world.loop.decisions()[-1].reasons[0]
        assert reason == "The canary of delay@2 was rolled back by automation: More errors."


def test_roll_back_of_a_canary_that_rejects_the_challenger_says_what_was_found(world: World) -> None:
    world.waiting(canary=True)
    world.registry.approve("delay", 2, reason="looks right")
    assert world.settle() == [Outcome.CANARY]
    project = world.loop.project
    control = RolloutControl(
        stores=project.stores, registry=world.registry, clock=project.clock, actor="automation:rollout/canary"
    )
    latencies = [0] * LATENCY_BUCKETS
    latencies[3] = 300
    good, bad = (Tally(answered=300, failed=failed, seconds=3, latencies=latencies) for failed in (0, 100))
    verdict = judge(good, bad, CanaryLimits(), look=1)
    control.roll_back(project.stores.rollouts.get(RolloutId("canary")), reason=verdict.reason, reject=True)
    assert project.stores.models.get_version("delay", 2).state is ModelVersionState.REJECTED
    assert world.settle() == [Outcome.KEPT]
    [reason] = world.loop.decisions()[-1].reasons
    assert reason == (
        "The canary of delay@2 was rolled back by automation: 33.33% of its requests ended in an error, "
        "0.00% of the primary's (tolerated: 2.00% more)."
    )


def test_challenger_that_was_archived_says_by_whom_and_why(world: World) -> None:
    world.waiting()
    world.registry.archive("delay", 2, reason="trained on wrong rows")
    assert world.settle() == [Outcome.KEPT]
    assert world.loop.decisions()[-1].reasons == ("delay@2 was archived by ada: trained on wrong rows.",)


def test_first_champion_of_all_takes_the_alias_without_a_canary(world: World) -> None:
    world.registry.editor.delete_alias("delay", "champion", reason="none yet")
    world.waiting(canary=True)
    world.registry.approve("delay", 2, reason="looks right")
    assert world.settle() == [Outcome.PROMOTED]
    assert world.registry.resolve("delay@champion").version == 2


def test_version_that_is_gone_is_told_and_does_not_hold_up_others(world: World, caplog: Any) -> None:
    world.waiting()
    world.loop.project.stores.models.delete_version("delay", 2, world.loop.project.clock.now())
    assert world.settle() == []
    assert "left open could not be looked at" in caplog.text


def held_back(world: World, strategy: Any = None, *, approved: bool) -> Any:
    """The decision on a run whose deploy step held the version back, for want of an approval that came just then."""
    project = world.loop.project

    def deploy(run_id: Any) -> None:
        project.stores.pipelines.put_step_run(
            StepRunRecord(
                id=StepRunId(new_id()),
                pipeline_run_id=run_id,
                step="deploy",
                function="steps.deploy",
                status=StepStatus.COMPLETED,
                started_at=project.clock.now(),
                summary={"moved": False, "waits": {"version": "delay@2", "endpoint": "site", "strategy": strategy}},
            )
        )
        if approved:
            world.registry.approve("delay", 2, reason="looks right")

    world.loop.meanwhile = deploy
    project.alert()
    [request] = world.loop.look()
    return world.loop.finish(request, package=b"better")


def test_approval_between_the_deploy_step_and_the_decision_counts(world: World) -> None:
    decision = held_back(world, approved=True)
    assert decision.outcome is Outcome.WAITING
    assert decision.reasons[-2] == "delay@2 was approved after the run's deploy step had asked for that."
    assert world.settle() == [Outcome.PROMOTED]
    assert world.registry.resolve("delay@champion").version == 2


def test_strategy_of_the_pipelines_deploy_step_begins_after_the_approval(world: World) -> None:
    strategy = {"kind": "canary", "hold": "1h", "at": [5.0, 100.0]}
    decision = held_back(world, strategy, approved=False)
    assert decision.outcome is Outcome.WAITING
    assert world.settle() == []
    world.registry.approve("delay", 2, reason="looks right")
    assert world.settle() == [Outcome.CANARY]
    assert world.plans == [{"endpoint": "site", "strategy": strategy}]
    assert world.registry.resolve("delay@champion").version == 1


@pytest.fixture
def unguarded(world: World, loop: Any) -> World:
    """The world without a rule of approval, and with a pipeline that ends with `register`."""
    project = loop.project
    world.registry = project.registry = Registry(
        stores=project.stores,
        clock=project.clock,
        events=project.events,
        actor="user:ada",
        policy=GatesPassedPolicy(project.stores.artifacts),
    )
    project.promotes = False
    return world


def undeployed(world: World, **rule: Any) -> tuple[Any, Any]:
    """The alert, and the decision on a run which registers a better version that nobody deploys."""
    alert = world.loop.project.alert()
    [request] = world.loop.look(**rule)
    return alert, world.loop.finish(request, package=b"better")


def test_better_version_that_nothing_brings_in_waits_for_a_person_and_so_do_its_alerts(unguarded: World) -> None:
    alert, decision = undeployed(unguarded)
    assert decision.outcome is Outcome.WAITING
    assert decision.reasons[0] == (
        "delay@2 passed its gates and waits for a person: neither does the pipeline deploy it, nor was a canary asked "
        "for. To serve it: mw models approve delay@2 --reason WHY. To leave it: mw models reject delay@2 --reason WHY."
    )
    assert unguarded.settle() == []
    assert unguarded.registry.resolve("delay@champion").version == 1
    assert unguarded.state(alert) is AlertState.ACKNOWLEDGED
    unguarded.loop.project.clock.advance(timedelta(hours=2))
    assert unguarded.loop.look() == []  # nothing else is trained meanwhile


@pytest.mark.parametrize("by", ["approve", "promote"])
def test_person_who_speaks_for_a_version_that_waits_answers_its_alerts(unguarded: World, by: str) -> None:
    alert, _ = undeployed(unguarded)
    getattr(unguarded.registry, by)("delay", 2, reason="looks right")
    assert unguarded.settle() == [Outcome.PROMOTED]
    assert unguarded.registry.resolve("delay@champion").version == 2
    assert unguarded.state(alert) is AlertState.RESOLVED


def test_person_who_rejects_a_version_that_waits_leaves_the_champion(unguarded: World) -> None:
    alert, _ = undeployed(unguarded)
    unguarded.registry.reject("delay", 2, reason="odd")
    assert unguarded.settle() == [Outcome.KEPT]
    assert unguarded.registry.resolve("delay@champion").version == 1
    assert unguarded.state(alert) is AlertState.RESOLVED


def test_version_that_the_deploy_step_could_not_bring_in_waits_and_says_why(unguarded: World) -> None:
    project = unguarded.loop.project

    def deploy(run_id: Any) -> None:
        project.stores.pipelines.put_step_run(
            StepRunRecord(
                id=StepRunId(new_id()),
                pipeline_run_id=run_id,
                step="deploy",
                function="steps.deploy",
                status=StepStatus.COMPLETED,
                started_at=project.clock.now(),
                summary={"moved": False, "reason": "delay@2 stays behind: The endpoint has an open rollout."},
            )
        )

    unguarded.loop.meanwhile = deploy
    _, decision = undeployed(unguarded, canary=True)
    assert decision.outcome is Outcome.WAITING
    assert (
        "the run's deploy step left champion where it was (delay@2 stays behind: The endpoint has an open rollout)."
        in decision.reasons[0]
    )
    assert unguarded.settle() == []
    unguarded.registry.approve("delay", 2, reason="looks right")
    assert unguarded.settle() == [Outcome.CANARY]  # as was asked for


def test_version_that_never_met_the_champion_of_now_does_not_wait(unguarded: World) -> None:
    project = unguarded.loop.project

    def promote_another(_: Any) -> None:
        project.register(b"another", passed=True)
        unguarded.registry.promote("delay", 3, reason="faster")

    unguarded.loop.meanwhile = promote_another
    _, decision = undeployed(unguarded)
    assert decision.outcome is Outcome.KEPT
    assert decision.reasons[0] == "All gates passed, but delay@3 became champion meanwhile, which delay@2 never met."


def test_canary_that_was_asked_for_begins_though_the_pipeline_has_no_deploy_step(unguarded: World) -> None:
    alert, decision = undeployed(unguarded, canary=True)
    assert decision.outcome is Outcome.WAITING
    assert "the pipeline has no deploy step" in decision.reasons[-2]
    assert unguarded.settle() == [Outcome.CANARY]
    assert unguarded.state(alert) is AlertState.ACKNOWLEDGED
    assert unguarded.registry.resolve("delay@champion").version == 1
