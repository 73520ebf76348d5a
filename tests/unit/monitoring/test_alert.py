from __future__ import annotations

from typing import Any

import pytest

from millwright.core.errors import NotFoundError, StateTransitionError
from millwright.core.ids import AlertId, ReportId, new_id
from millwright.core.records.monitor import AlertState, Severity
from millwright.monitoring.alert import AlertDesk, find_alert, unresolved_alerts
from millwright.monitoring.finding import AlertKind, Finding

DRIFT = Finding(kind=AlertKind.DRIFT, severity=Severity.WARNING, message="It drifted.", evidence={"columns": ["a"]})


@pytest.fixture
def desk(world: Any) -> AlertDesk:
    return AlertDesk(stores=world.stores, clock=world.clock, events=world.events, actor="user:ada")


def record(world: Any, desk: AlertDesk, finding: Finding = DRIFT, endpoint: str = "delay") -> Any:
    with world.stores.transactions.transaction():
        return desk.record(finding, endpoint=endpoint, report_id=ReportId(new_id()))


def test_alert_is_written_audited_and_told(world: Any, desk: AlertDesk):
    alert = record(world, desk)
    assert find_alert(world.stores.monitors, alert.id) == alert
    assert (alert.kind, alert.state, alert.severity) == ("drift", AlertState.OPEN, Severity.WARNING)
    entry = world.stores.audit.list(subject="endpoint:delay")[0]
    assert (entry.action, entry.actor, entry.details["alert_id"]) == ("alert.raise", "user:ada", alert.id)
    assert world.heard == ["alert.raised"]


def test_alert_is_not_raised_twice_while_one_is_unresolved(world: Any, desk: AlertDesk):
    first = record(world, desk)
    assert record(world, desk) is None
    desk.acknowledge(first.id, reason="looking")
    assert record(world, desk) is None
    desk.resolve(first.id, reason="done")
    assert record(world, desk) is not None


def test_alert_of_another_kind_or_endpoint_is_raised(world: Any, desk: AlertDesk):
    record(world, desk)
    missing = Finding(kind=AlertKind.MISSING_DATA, severity=Severity.WARNING, message="Gone.")
    assert record(world, desk, missing) is not None
    assert record(world, desk, endpoint="other") is not None
    assert len(unresolved_alerts(world.stores.monitors, "delay")) == 2


def test_alert_is_neither_written_nor_told_when_the_transaction_fails(world: Any, desk: AlertDesk):
    def fail() -> None:
        with world.stores.transactions.transaction():
            desk.record(DRIFT, endpoint="delay", report_id=ReportId(new_id()))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert unresolved_alerts(world.stores.monitors, "delay") == []
    assert world.heard == []


def test_alert_changes_are_audited_with_their_reason(world: Any, desk: AlertDesk):
    alert = record(world, desk)
    assert desk.acknowledge(alert.id, reason="looking").state is AlertState.ACKNOWLEDGED
    assert desk.resolve(alert.id, reason="sensor mended").state is AlertState.RESOLVED
    newest = world.stores.audit.list(subject="endpoint:delay")
    assert [(e.action, e.details.get("reason")) for e in newest[:2]] == [
        ("alert.resolve", "sensor mended"),
        ("alert.acknowledge", "looking"),
    ]
    assert world.heard == ["alert.raised", "alert.acknowledged", "alert.resolved"]


def test_alert_that_is_resolved_stays_so(world: Any, desk: AlertDesk):
    alert = record(world, desk)
    desk.resolve(alert.id, reason="done")
    with pytest.raises(StateTransitionError, match="resolved"):
        desk.acknowledge(alert.id, reason="again")


def test_find_alert_says_so_when_there_is_none(world: Any):
    with pytest.raises(NotFoundError, match="no alert 'nope'"):
        find_alert(world.stores.monitors, AlertId("nope"))
