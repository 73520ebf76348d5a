from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from millwright.automation.decision import DecisionDesk, Retraining
from millwright.automation.failure import failed_retrainings
from millwright.automation.outcome import Judgement
from millwright.core.records.monitor import AlertState, Outcome, Severity

FAILED = Judgement(outcome=Outcome.FAILED, reasons=("The pipeline failed: no rows",))
BY_ITSELF = Retraining(
    trigger="monitor-delay", model="delay", cause="alert:a", endpoint="delay-api", notes=("It answers: drift.",)
)


@pytest.fixture
def decide(project: Any) -> Any:
    desk = DecisionDesk(stores=project.stores, clock=project.clock, events=project.events, actor="automation")
    return lambda retraining, judgement: desk.decide(retraining, judgement, champion="delay@1", run_id=None)


def standing(project: Any) -> list[Any]:
    return failed_retrainings(project.stores.monitors, "delay")


def test_retraining_that_failed_by_itself_raises_an_alert_of_its_own(project: Any, decide: Any) -> None:
    decision = decide(BY_ITSELF, FAILED)
    [alert] = standing(project)
    assert (alert.endpoint, alert.kind, alert.subject) == ("delay-api", "retraining_failed", "delay")
    assert (alert.severity, alert.state) == (Severity.WARNING, AlertState.OPEN)
    assert alert.message == "A retraining of delay failed: The pipeline failed: no rows"
    assert (alert.evidence["decision_id"], alert.evidence["trigger"]) == (decision.id, "monitor-delay")
    assert "alert.raised" in [event.type for event in project.heard]


def test_second_failure_is_counted_in_the_same_alert(project: Any, decide: Any) -> None:
    decide(BY_ITSELF, FAILED)
    decide(BY_ITSELF, replace(FAILED, reasons=("The pipeline failed: no columns",)))
    [alert] = standing(project)
    assert (alert.count, alert.message.endswith("no columns")) == (2, True)


@pytest.mark.parametrize("outcome", [Outcome.KEPT, Outcome.PROMOTED, Outcome.UNCHANGED, Outcome.WAITING])
def test_next_run_that_succeeds_ends_it_whoever_began_it(project: Any, decide: Any, outcome: Outcome) -> None:
    decide(BY_ITSELF, FAILED)
    [alert] = standing(project)
    decide(replace(BY_ITSELF, trigger="by hand", endpoint=""), Judgement(outcome=outcome, reasons=("so",)))
    assert standing(project) == []
    entry = project.stores.audit.list(subject="endpoint:delay-api")[0]
    assert (entry.action, entry.details["reason"]) == ("alert.resolve", f"A retraining succeeded: {outcome.value}.")
    assert project.stores.monitors.get_alert(alert.id).state is AlertState.RESOLVED


def test_success_of_another_model_ends_nothing(project: Any, decide: Any) -> None:
    decide(BY_ITSELF, FAILED)
    decide(replace(BY_ITSELF, model="cost"), Judgement(outcome=Outcome.KEPT, reasons=("so",)))
    assert len(standing(project)) == 1


def test_severity_is_the_one_that_was_declared(project: Any, decide: Any) -> None:
    decide(replace(BY_ITSELF, severity=Severity.CRITICAL), FAILED)
    assert standing(project)[0].severity is Severity.CRITICAL


@pytest.mark.parametrize(
    ("retraining", "judgement"),
    [(replace(BY_ITSELF, endpoint=""), FAILED), (BY_ITSELF, replace(FAILED, stopped=True))],
    ids=["began by hand", "stopped by a person"],
)
def test_what_a_person_knows_already_is_no_alert(
    project: Any, decide: Any, retraining: Retraining, judgement: Judgement
) -> None:
    decide(retraining, judgement)
    assert standing(project) == []
