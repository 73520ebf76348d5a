from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from millwright.automation.failure import failed_retrainings
from millwright.automation.triggers import Answers, TriggerWatch
from millwright.automation.triggers.triggers import TriggerDraft, Triggers
from millwright.core.records.monitor import AlertState, Outcome
from millwright.core.records.pipeline import PipelineRunStatus
from millwright.core.records.queue import RequestState
from millwright.monitoring.finding import AlertKind
from millwright.pipelines import on
from tiny.queue_world import TARGET

if TYPE_CHECKING:
    from millwright.core.records.queue import RunRequest


@pytest.fixture
def answers(project: Any) -> Answers:
    return Answers(stores=project.stores, clock=project.clock, events=project.events)


def fired(project: Any, answers: Answers, *kinds: AlertKind) -> tuple[RunRequest, list[Any]]:
    """The request that alerts of these kinds lead to, with the alerts."""
    Triggers(stores=project.stores, clock=project.clock, actor="ada").add(
        TriggerDraft(target=TARGET, on=on.alert("delay"), name="loop")
    )
    alerts = [project.alert(kind) for kind in kinds]
    watch = TriggerWatch(stores=project.stores, clock=project.clock, answers=answers, code_of=lambda _: None)
    (request,) = watch.fire_due()
    return request, alerts


def state(project: Any, alert: Any) -> AlertState:
    return project.stores.monitors.get_alert(alert.id).state


def run(project: Any, request: RunRequest, status: PipelineRunStatus) -> None:
    record = replace(project.run_record(PipelineRunStatus.RUNNING, request.trigger, request.id), id=request.id)
    project.stores.pipelines.create_pipeline_run(record)
    project.behave(request.id)
    project.stores.pipelines.update_pipeline_run(replace(record, status=status, error="no rows"))


def test_run_of_a_drift_alert_ends_with_a_decision(project: Any, answers: Answers) -> None:
    project.register(b"first", passed=True)
    request, (drift, lost) = fired(project, answers, AlertKind.DRIFT, AlertKind.PERFORMANCE)
    assert [state(project, alert) for alert in (drift, lost)] == [AlertState.ACKNOWLEDGED] * 2
    project.behave = lambda run_id: project.register(b"better", passed=True, run_id=run_id)
    run(project, request, PipelineRunStatus.COMPLETED)
    decision = answers.end(request)
    assert decision is not None
    assert (decision.outcome, decision.champion, decision.challenger) == (Outcome.PROMOTED, "delay@1", "delay@2")
    assert (decision.pipeline_run_id, decision.trigger) == (request.id, request.trigger)
    assert project.stores.monitors.list_decisions() == [decision]
    assert [state(project, alert) for alert in (drift, lost)] == [AlertState.RESOLVED] * 2
    filed = [entry.action for entry in project.stores.audit.list(subject="trigger:loop")][::-1]
    assert filed == ["trigger.add", "trigger.fire"]
    filed = [entry.action for entry in project.stores.audit.list(subject="retraining:delay")][::-1]
    assert filed == ["retraining.launch", "retraining.decide"]


def test_run_that_failed_or_never_began_is_decided_and_leaves_its_alert(project: Any, answers: Answers) -> None:
    request, (alert,) = fired(project, answers, AlertKind.DRIFT)
    never = answers.end(replace(request, error="there is no such file"))
    assert never is not None
    assert (never.outcome, never.pipeline_run_id) == (Outcome.FAILED, None)
    assert never.reasons == ("The pipeline could not be run: there is no such file",)
    run(project, request, PipelineRunStatus.FAILED)
    failed = answers.end(request)
    assert failed is not None
    assert failed.reasons == ("The pipeline failed: no rows",)
    assert state(project, alert) is AlertState.ACKNOWLEDGED


def test_run_of_other_alerts_or_of_none_is_no_retraining(project: Any, answers: Answers) -> None:
    request, (alert,) = fired(project, answers, AlertKind.MISSING_DATA)
    assert request.options == {}
    run(project, request, PipelineRunStatus.COMPLETED)
    assert answers.end(request) is None
    assert state(project, alert) is AlertState.OPEN
    assert project.stores.monitors.list_decisions() == []


def test_champion_that_was_removed_meanwhile_is_none_in_the_decision(project: Any, answers: Answers) -> None:
    first = project.register(b"first", passed=True)
    request, _ = fired(project, answers, AlertKind.DRIFT)
    project.stores.models.delete_version("delay", first.version, project.clock.now())
    run(project, request, PipelineRunStatus.COMPLETED)
    decision = answers.end(request)
    assert decision is not None
    assert (decision.outcome, decision.champion) == (Outcome.KEPT, None)


def test_run_of_a_trigger_that_failed_is_an_alert_unless_a_person_stopped_it(project: Any, answers: Answers) -> None:
    request, _ = fired(project, answers, AlertKind.DRIFT)
    answers.end(replace(request, state=RequestState.CANCELLED, cancel_requested_by="ada"))
    assert failed_retrainings(project.stores.monitors, "delay") == []
    answers.end(replace(request, error="there is no such file"))
    [alert] = failed_retrainings(project.stores.monitors, "delay")
    assert alert.endpoint == "delay"
