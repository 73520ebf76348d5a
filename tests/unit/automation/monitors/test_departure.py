from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from millwright.automation.monitors import Declaration, end_departed
from millwright.core.records.monitor import AlertRecord, AlertState, StreakRecord
from millwright.monitoring.alert import AlertDesk
from millwright.testing import sample

DECLARED = Declaration(name="hourly", endpoint="delay")


@pytest.fixture
def raised(project: Any) -> list[AlertRecord]:
    """Two alerts of one monitor, and one of a check by hand."""
    alerts = [
        replace(sample.alert(), monitor="hourly"),
        replace(sample.alert(), monitor="hourly", kind="check_failed", state=AlertState.ACKNOWLEDGED),
        sample.alert(),
    ]
    for alert in alerts:
        project.stores.monitors.append_alert(alert)
    return alerts


def end(project: Any, *declared: Declaration) -> list[AlertRecord]:
    desk = AlertDesk(stores=project.stores, clock=project.clock, events=project.events, actor="monitor")
    return end_departed(declared, monitors=project.stores.monitors, desk=desk)


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        ([], "The monitor 'hourly' is no longer declared in the project file."),
        ([replace(DECLARED, name="renamed")], "The monitor 'hourly' is no longer declared in the project file."),
        ([replace(DECLARED, enabled=False)], "The monitor 'hourly' is switched off (enabled = false)."),
        ([replace(DECLARED, endpoint="cost")], "The monitor 'hourly' watches 'cost' now."),
    ],
)
def test_alerts_of_a_monitor_that_is_gone_are_resolved_with_a_note(
    project: Any, raised: list[AlertRecord], declared: list[Declaration], reason: str
) -> None:
    ended = end(project, *declared)
    assert [alert.id for alert in ended] == [alert.id for alert in raised[:2]]
    assert {project.stores.monitors.get_alert(alert.id).state for alert in ended} == {AlertState.RESOLVED}
    entries = project.stores.audit.list(subject="endpoint:delay", limit=2)
    assert {(entry.action, entry.details["reason"]) for entry in entries} == {("alert.resolve", reason)}
    assert end(project, *declared) == []


def test_streaks_of_a_monitor_that_is_gone_are_forgotten(project: Any) -> None:
    monitors = project.stores.monitors
    streak = StreakRecord(endpoint="delay", kind="drift", subject="", findings=1, updated_at=sample.NOON)
    for each in (streak, replace(streak, monitor="hourly"), replace(streak, monitor="hourly", endpoint="cost")):
        monitors.put_streak(each)
    end(project, DECLARED)
    assert monitors.list_streaks() == [streak, replace(streak, monitor="hourly")]
    end(project)
    assert monitors.list_streaks() == [streak]


def test_alerts_of_monitors_that_another_project_declares_stay(project: Any, raised: list[AlertRecord]) -> None:
    desk = AlertDesk(stores=project.stores, clock=project.clock, events=project.events, actor="monitor")
    assert end_departed([], monitors=project.stores.monitors, desk=desk, beside={("delay", "hourly")}) == []
    ended = end_departed([], monitors=project.stores.monitors, desk=desk, beside={("cost", "hourly")})
    assert [alert.id for alert in ended] == [alert.id for alert in raised[:2]]


def test_alerts_of_monitors_that_are_declared_and_of_checks_by_hand_stay(
    project: Any, raised: list[AlertRecord]
) -> None:
    assert end(project, DECLARED) == []
    assert [alert.id for alert in project.stores.monitors.list_followed()] == [alert.id for alert in raised]
