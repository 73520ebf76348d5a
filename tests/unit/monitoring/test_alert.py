from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from millwright.core.errors import StateTransitionError
from millwright.core.ids import ReportId, new_id
from millwright.core.records.monitor import AlertState, Severity
from millwright.monitoring.alert import AlertDesk, unresolved_alerts
from millwright.monitoring.alerting import AlertRules
from millwright.monitoring.finding import AlertKind, Finding
from millwright.testing import sample

DRIFT = Finding(kind=AlertKind.DRIFT, severity=Severity.WARNING, message="It drifted.", evidence={"columns": ["a"]})


@pytest.fixture
def desk(world: Any) -> AlertDesk:
    return AlertDesk(stores=world.stores, clock=world.clock, events=world.events, actor="user:ada")


def record(world: Any, desk: AlertDesk, finding: Finding = DRIFT, endpoint: str = "delay") -> Any:
    with world.stores.transactions.transaction():
        return desk.record(finding, endpoint=endpoint, report_id=ReportId(new_id()))


def test_alert_is_written_audited_and_told(world: Any, desk: AlertDesk):
    alert = record(world, desk)
    assert world.stores.monitors.get_alert(alert.id) == alert
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


def check(
    world: Any,
    desk: AlertDesk,
    *findings: Finding,
    judged: frozenset[str] = frozenset(AlertKind),
    monitor: str = "",
    version: int = 1,
    follows: bool = False,
) -> Any:
    world.clock.advance(timedelta(minutes=1))
    report = replace(sample.report("delay"), drift=(), monitor=monitor, version=version)
    with world.stores.transactions.transaction():
        world.stores.monitors.append_report(report)
        return desk.observe(findings, report=report, judged=judged, follows=follows)


def ruled(world: Any, **rules: Any) -> AlertDesk:
    return AlertDesk(
        stores=world.stores, clock=world.clock, events=world.events, actor="monitor", rules=AlertRules(**rules)
    )


def test_alert_found_again_is_counted_and_becomes_more_severe_never_less(world: Any):
    desk = ruled(world)
    (first,) = check(world, desk, DRIFT)
    assert check(world, desk, replace(DRIFT, severity=Severity.CRITICAL, message="Worse.")) == []
    assert check(world, desk, DRIFT) == []
    alert = world.stores.monitors.get_alert(first.id)
    assert (alert.count, alert.severity, alert.message) == (3, Severity.CRITICAL, "It drifted.")
    assert alert.last_seen == world.clock.now() > alert.created_at
    assert world.heard == ["alert.raised", "alert.worsened"]


def test_alerts_of_two_subjects_stand_beside_each_other(world: Any):
    assert len(check(world, ruled(world), DRIFT, replace(DRIFT, subject="phase"))) == 2


def test_monitors_of_one_endpoint_leave_each_others_alerts_alone(world: Any):
    desk = ruled(world, resolve_after=1)
    (hourly,) = check(world, desk, DRIFT, monitor="hourly")
    (daily,) = check(world, desk, DRIFT, monitor="daily")
    check(world, desk, DRIFT, monitor="hourly")
    check(world, desk, monitor="daily")
    check(world, desk)
    assert (hourly.monitor, daily.monitor) == ("hourly", "daily")
    states = [world.stores.monitors.get_alert(alert.id) for alert in (hourly, daily)]
    assert [(alert.state, alert.count) for alert in states] == [(AlertState.OPEN, 2), (AlertState.RESOLVED, 1)]
    assert unresolved_alerts(world.stores.monitors, "delay", monitor="daily") == []
    assert [each.id for each in unresolved_alerts(world.stores.monitors, "delay", monitor="hourly")] == [hourly.id]


def test_findings_in_a_row_are_those_of_one_monitor(world: Any):
    desk = ruled(world, raise_after=2)
    assert check(world, desk, DRIFT, monitor="hourly") == []
    assert check(world, desk, DRIFT, monitor="daily") == []
    check(world, desk, monitor="daily")
    assert len(check(world, desk, DRIFT, monitor="hourly")) == 1


def test_alert_about_a_version_is_over_when_another_answers_and_what_is_still_wrong_is_a_new_one(world: Any):
    desk = ruled(world)
    (first,) = check(world, desk, DRIFT)
    late = Finding(kind=AlertKind.FRESHNESS, severity=Severity.WARNING, message="Nothing comes.")
    (stays,) = check(world, desk, late, judged=frozenset({"freshness"}))
    check(world, desk, judged=frozenset(), version=2)  # of a version that was asked for, whichever answers
    assert world.stores.monitors.get_alert(first.id).state is AlertState.OPEN
    (second,) = check(world, desk, DRIFT, judged=frozenset({"drift"}), version=2, follows=True)
    assert [each.id for each in unresolved_alerts(world.stores.monitors, "delay")] == [second.id, stays.id]
    reasons = [entry.details.get("reason") for entry in world.stores.audit.list(subject="endpoint:delay")]
    assert "It is about delay@1, and delay@2 answers now." in reasons


def test_alert_is_raised_after_so_many_findings_in_a_row(world: Any):
    desk = ruled(world, raise_after=3)
    found = [bool(check(world, desk, *findings)) for findings in ([DRIFT], [DRIFT], [], [DRIFT], [DRIFT], [DRIFT])]
    assert found == [False, False, False, False, False, True]
    assert world.stores.monitors.list_streaks("delay") == []


def test_check_that_could_not_tell_ends_no_streak_and_no_alert(world: Any):
    desk, blind = ruled(world, raise_after=2, resolve_after=1), frozenset[str]()
    check(world, desk, DRIFT)
    check(world, desk, judged=blind)
    assert check(world, desk, DRIFT)
    check(world, desk, judged=blind)
    assert len(unresolved_alerts(world.stores.monitors, "delay")) == 1


def test_alert_ends_by_itself_after_so_many_clean_checks_in_a_row(world: Any):
    desk = ruled(world, resolve_after=2)
    (alert,) = check(world, desk, DRIFT)
    for findings in ([], [DRIFT], []):
        check(world, desk, *findings)
        assert world.stores.monitors.get_alert(alert.id).state is AlertState.OPEN
    check(world, desk)
    ended = world.stores.monitors.get_alert(alert.id)
    assert (ended.state, ended.resolved_by, ended.resolved_at) == (AlertState.RESOLVED, "monitor", world.clock.now())
    assert world.stores.audit.list(subject="endpoint:delay")[0].details["reason"] == (
        "Not found any more by 2 checks in a row."
    )


def test_alert_stays_without_clean_checks_that_end_it(world: Any):
    desk = ruled(world, resolve_after=0)
    check(world, desk, DRIFT)
    for _ in range(5):
        check(world, desk)
    assert len(unresolved_alerts(world.stores.monitors, "delay")) == 1


def test_alert_says_who_took_it_on(world: Any, desk: AlertDesk):
    alert = desk.acknowledge(record(world, desk).id, reason="looking")
    assert (alert.acknowledged_by, alert.acknowledged_at) == ("user:ada", world.clock.now())
    assert world.stores.monitors.get_alert(alert.id) == alert


@pytest.mark.parametrize(
    ("done", "said"),
    [
        ("acknowledge", "is acknowledged already. When its cause is gone: mw alerts resolve "),
        ("resolve", "is resolved, and cannot become acknowledged. A resolved alert stays resolved"),
    ],
)
def test_alert_that_somebody_took_on_or_closed_is_not_taken_on_again(
    world: Any, desk: AlertDesk, done: str, said: str
) -> None:
    alert = record(world, desk)
    getattr(desk, done)(alert.id, reason="")
    with pytest.raises(StateTransitionError) as raised:
        desk.acknowledge(alert.id, reason="")
    assert said in str(raised.value)
