from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from millwright.automation.decision import DecisionDesk, Launch, Retraining
from millwright.automation.outcome import Judgement
from millwright.core.ids import AlertId
from millwright.core.records.monitor import AlertState, Outcome
from millwright.monitoring.alert import AlertDesk
from millwright.monitoring.finding import AlertKind
from millwright.testing import sample

KEPT = Judgement(outcome=Outcome.KEPT, reasons=("Accuracy is lower.",), challenger="delay@2")


@pytest.fixture
def desk(project: Any) -> DecisionDesk:
    return DecisionDesk(stores=project.stores, clock=project.clock, events=project.events, actor="trigger")


def states(project: Any, *alerts: Any) -> list[AlertState]:
    return [project.stores.monitors.get_alert(alert.id).state for alert in alerts]


def test_alerts_are_taken_on_and_resolved_with_the_decision(project: Any, desk: DecisionDesk) -> None:
    drift, lost = project.alert(), project.alert(AlertKind.PERFORMANCE)
    retraining = Retraining(trigger="loop", model="delay", cause=f"alert:{drift.id}", alerts=(drift.id, lost.id))
    desk.begin(retraining, Launch(pipeline="pipeline.py:delay"))
    assert states(project, drift, lost) == [AlertState.ACKNOWLEDGED] * 2
    decision = desk.decide(retraining, KEPT, champion="delay@1", run_id=None)
    assert states(project, drift, lost) == [AlertState.RESOLVED] * 2
    assert (decision.alert_id, decision.champion, decision.reasons) == (drift.id, "delay@1", KEPT.reasons)
    assert project.stores.monitors.list_decisions() == [decision]
    assert [event.type for event in project.heard][-4:] == [
        "retraining.launched", "alert.resolved", "alert.resolved", "decision.made",
    ]  # fmt: skip
    written = project.stores.audit.list(subject="retraining:delay")
    assert [(entry.action, entry.actor) for entry in written] == [
        ("retraining.decide", "trigger"),
        ("retraining.launch", "trigger"),
    ]


def test_alerts_of_a_run_that_failed_stay_for_another(project: Any, desk: DecisionDesk) -> None:
    alert = project.alert()
    retraining = Retraining(trigger="loop", model="delay", cause=f"alert:{alert.id}", alerts=(alert.id,))
    desk.begin(retraining, Launch(pipeline="pipeline.py:delay"))
    desk.decide(retraining, replace(KEPT, outcome=Outcome.FAILED), champion=None, run_id=None)
    assert states(project, alert) == [AlertState.ACKNOWLEDGED]


def test_alert_that_a_person_closed_meanwhile_or_that_is_gone_is_left_alone(project: Any, desk: DecisionDesk) -> None:
    alert = project.alert()
    person = AlertDesk(stores=project.stores, clock=project.clock, events=project.events, actor="ada")
    person.resolve(alert.id, reason="a holiday")
    retraining = Retraining(trigger="loop", model="delay", cause="x", alerts=(alert.id, AlertId("gone")))
    desk.begin(retraining, Launch(pipeline="pipeline.py:delay"))
    desk.decide(retraining, KEPT, champion=None, run_id=None)
    resolved = [event for event in project.stores.audit.list() if event.action == "alert.resolve"]
    assert [event.actor for event in resolved] == ["ada"]


def test_what_another_monitor_found_of_the_same_is_answered_with_it(project: Any, desk: DecisionDesk) -> None:
    hourly, other = project.alert(monitor="hourly"), project.alert(AlertKind.BIAS, monitor="daily")
    retraining = Retraining(trigger="loop", model="delay", cause=f"alert:{hourly.id}", alerts=(hourly.id,))
    desk.begin(retraining, Launch(pipeline="pipeline.py:delay"))
    daily = project.alert(monitor="daily")  # while the run goes on
    desk.decide(retraining, KEPT, champion="delay@1", run_id=None)
    assert states(project, hourly, daily, other) == [AlertState.RESOLVED, AlertState.RESOLVED, AlertState.OPEN]


def test_promotion_ends_all_alerts_about_what_the_version_before_saw(project: Any, desk: DecisionDesk) -> None:
    stores = project.stores
    stores.endpoints.put(replace(sample.endpoint("delay"), model="delay", selector="champion"))
    stores.endpoints.put(replace(sample.endpoint("pinned"), model="delay", selector="1"))
    report = sample.report()
    stores.monitors.append_report(report)
    about = [("delay", "new_categories"), ("delay", "slice_performance"), ("delay", "volume"), ("pinned", "drift")]
    alerts = [replace(sample.alert(endpoint), kind=kind, report_id=report.id) for endpoint, kind in about]
    for alert in alerts:
        stores.monitors.append_alert(alert)
    retraining = Retraining(trigger="loop", model="delay", cause="dataset:schedules@2")
    desk.decide(retraining, KEPT, champion="delay@1", run_id=None)
    assert states(project, *alerts) == [AlertState.OPEN] * 4
    desk.decide(retraining, replace(KEPT, outcome=Outcome.PROMOTED), champion="delay@1", run_id=None)
    assert states(project, *alerts) == [AlertState.RESOLVED] * 2 + [AlertState.OPEN] * 2
