from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from millwright.automation import Retrainer, RetrainingPolicy, Trigger
from millwright.automation.limits import Limits
from millwright.automation.trigger import on_dataset
from millwright.core.errors import ConflictError, NotFoundError, StateTransitionError
from millwright.core.records.monitor import AlertState, Outcome
from millwright.core.records.pipeline import PipelineRunStatus
from millwright.monitoring.alert import AlertDesk
from millwright.monitoring.finding import AlertKind

TRIGGER = Trigger(
    name="loop",
    pipeline="pipeline.py:delay",
    model="delay",
    params={"source": "new.csv"},
    endpoint="delay",
    limits=Limits(cooldown=timedelta(hours=1), max_per_day=3),
)


@pytest.fixture
def retrainer(project: Any) -> Retrainer:
    project.register(b"first", passed=True)
    policy = RetrainingPolicy(triggers=(TRIGGER, on_dataset("schedules", pipeline="pipeline.py", model="delay")))
    return Retrainer(
        stores=project.stores,
        registry=project.registry,
        launcher=project,
        clock=project.clock,
        events=project.events,
        policy=policy,
    )


def challenge(project: Any, package: bytes, *, passed: bool) -> None:
    project.behave = lambda run_id: project.register(package, passed=passed, run_id=run_id)


def state(project: Any, alert: Any) -> AlertState:
    return project.stores.monitors.get_alert(alert.id).state


def test_pipeline_is_given_the_champion_to_go_on_from(project: Any, retrainer: Retrainer):
    challenge(project, b"better", passed=True)
    retrainer.handle(project.alert(), trigger=replace(TRIGGER, warm_start="start_from"))
    assert [params for _, params, _ in project.launched] == [{"source": "new.csv", "start_from": "delay@1"}]


def test_alert_leads_to_a_run_and_a_promotion(project: Any, retrainer: Retrainer):
    challenge(project, b"better", passed=True)
    alert = project.alert()
    decision = retrainer.handle(alert)
    assert (decision.outcome, decision.champion, decision.challenger) == (Outcome.PROMOTED, "delay@1", "delay@2")
    assert decision.alert_id == alert.id
    assert project.launched == [("pipeline.py:delay", {"source": "new.csv"}, f"alert:{alert.id}")]
    assert project.stores.monitors.list_decisions() == [decision]
    assert state(project, alert) is AlertState.RESOLVED
    assert project.registry.resolve("delay@champion").version == 2


def test_alert_leads_to_a_run_and_the_champion_stays(project: Any, retrainer: Retrainer):
    challenge(project, b"worse", passed=False)
    alert = project.alert()
    decision = retrainer.handle(alert)
    assert (decision.outcome, decision.reasons) == (Outcome.KEPT, ("champion: Compared on 900 rows.",))
    assert state(project, alert) is AlertState.RESOLVED
    assert project.registry.resolve("delay@champion").version == 1


def test_decision_is_in_the_audit_log_with_what_led_to_it(project: Any, retrainer: Retrainer):
    challenge(project, b"better", passed=True)
    decision = retrainer.handle(project.alert())
    decided, launched = project.stores.audit.list(subject="retraining:delay")
    assert (launched.action, decided.action) == ("retraining.launch", "retraining.decide")
    assert launched.details["cause"] == decision.trigger
    assert decided.details["decision_id"] == decision.id
    assert decided.details["outcome"] == "promoted"
    types = [event.type for event in project.heard]
    assert types[-2:] == ["alert.resolved", "decision.made"]
    assert "retraining.launched" in types


@pytest.mark.parametrize("raises", [True, False])
def test_failing_pipeline_gives_a_failed_decision_and_leaves_the_alert_acknowledged(
    project: Any, retrainer: Retrainer, *, raises: bool
):
    def fail(_: object) -> None:
        raise ValueError("disk full")

    if raises:
        project.behave = fail
    project.status = PipelineRunStatus.FAILED
    alert = project.alert()
    decision = retrainer.handle(alert)
    assert decision.outcome is Outcome.FAILED
    assert ("disk full" if raises else "no rows") in decision.reasons[0]
    assert state(project, alert) is AlertState.ACKNOWLEDGED


def test_failed_retraining_can_be_tried_again_after_its_rest(project: Any, retrainer: Retrainer):
    project.status = PipelineRunStatus.FAILED
    alert = project.alert()
    retrainer.handle(alert)
    with pytest.raises(ConflictError, match="rests until"):
        retrainer.handle(alert)
    project.clock.advance(timedelta(hours=1))
    project.status = PipelineRunStatus.COMPLETED
    challenge(project, b"better", passed=True)
    assert retrainer.handle(alert).outcome is Outcome.PROMOTED
    assert state(project, alert) is AlertState.RESOLVED


def test_run_answers_all_alerts_of_the_endpoint_that_its_trigger_fires_on(project: Any, retrainer: Retrainer):
    alerts = [project.alert(kind) for kind in (AlertKind.DRIFT, AlertKind.PERFORMANCE, AlertKind.MISSING_DATA)]
    retrainer.handle(alerts[0])
    assert [state(project, alert) for alert in alerts] == [
        AlertState.RESOLVED,
        AlertState.RESOLVED,
        AlertState.OPEN,
    ]
    assert len(project.launched) == 1


def test_flapping_signal_gives_at_most_the_allowed_number_of_runs(project: Any, retrainer: Retrainer):
    # The signal comes back with every check, every half hour for two days.
    end = project.clock.now() + timedelta(days=2)
    while project.clock.now() < end:
        project.alert()
        retrainer.handle_open()
        project.clock.advance(timedelta(minutes=30))
    entries = project.stores.audit.list(subject="retraining:delay", limit=1000)
    launches = sorted(entry.at for entry in entries if entry.action == "retraining.launch")
    assert len(launches) == len(project.launched) == 2 * 3
    for first in launches:
        assert sum(first <= at < first + timedelta(hours=24) for at in launches) <= 3
    assert all(later - earlier >= timedelta(hours=1) for earlier, later in pairwise(launches))


def test_alert_raised_during_the_rest_is_answered_after_it(project: Any, retrainer: Retrainer):
    project.alert()
    retrainer.handle_open()
    alert = project.alert()
    assert retrainer.handle_open() == []
    assert state(project, alert) is AlertState.OPEN
    assert project.heard[-1].type == "retraining.deferred"
    project.clock.advance(timedelta(hours=1))
    assert len(retrainer.handle_open()) == 1


def test_rest_and_limit_outlive_the_process(project: Any, retrainer: Retrainer):
    def die(_: object) -> None:
        raise KeyboardInterrupt

    project.behave = die
    alert = project.alert()
    with pytest.raises(KeyboardInterrupt):
        retrainer.handle(alert)
    assert state(project, alert) is AlertState.ACKNOWLEDGED
    project.behave = lambda _: None
    with pytest.raises(ConflictError, match="rests until"):
        retrainer.handle(alert)


def test_second_process_does_not_start_the_same_run(project: Any, retrainer: Retrainer):
    alert = project.alert()
    refused = []

    def meanwhile(_: object) -> None:
        with pytest.raises(ConflictError, match="being trained by another process") as caught:
            retrainer.handle(alert)
        refused.append(caught.value)

    project.behave = meanwhile
    retrainer.handle(alert)
    assert len(refused) == 1
    assert len(project.launched) == 1


def test_person_may_resolve_the_alert_while_the_pipeline_runs(project: Any, retrainer: Retrainer):
    alert = project.alert()
    desk = AlertDesk(stores=project.stores, clock=project.clock, events=project.events, actor="user:ada")
    project.behave = lambda _: desk.resolve(alert.id, reason="false alarm")
    assert retrainer.handle(alert).outcome is Outcome.KEPT
    with pytest.raises(StateTransitionError, match="resolved"):
        retrainer.handle(alert)


def test_alert_that_no_trigger_fires_on_is_refused_with_what_to_do(project: Any, retrainer: Retrainer):
    alert = project.alert(AlertKind.MISSING_DATA)
    with pytest.raises(NotFoundError, match="No trigger fires on missing_data alerts of endpoint 'delay'"):
        retrainer.handle(alert)
    assert retrainer.handle_open() == []


def test_trigger_given_by_hand_is_followed(project: Any, retrainer: Retrainer):
    by_hand = Trigger(name="by-hand", pipeline="other.py", model="delay", endpoint="delay")
    retrainer.handle(project.alert(AlertKind.MISSING_DATA), trigger=by_hand)
    assert project.launched[0][0] == "other.py"


def test_new_dataset_version_leads_to_a_run(project: Any, retrainer: Retrainer):
    challenge(project, b"better", passed=True)
    decision = retrainer.handle_dataset("schedules@2")
    assert (decision.outcome, decision.trigger, decision.alert_id) == (Outcome.PROMOTED, "dataset:schedules@2", None)
    with pytest.raises(ConflictError, match="rests until"):
        retrainer.handle_dataset("schedules@3")
    with pytest.raises(NotFoundError, match="dataset 'prices'"):
        retrainer.handle_dataset("prices@1")
