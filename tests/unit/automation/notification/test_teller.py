from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from millwright.automation.notification import Route
from millwright.core.records.monitor import Severity
from millwright.monitoring.alerting import SilenceDraft, Silences
from millwright.monitoring.finding import AlertKind, Finding

OPS = Route(name="ops", channels=("mail", "pager"))
WORSE = Finding(kind=AlertKind.PERFORMANCE, severity=Severity.CRITICAL, message="Worse.")


def test_alerts_of_one_check_are_one_notification_for_each_channel(desk: Any, drift: Finding):
    desk.route(OPS)
    desk.check(drift, WORSE)
    desk.check(drift, endpoint="other")
    assert desk.told() == [("ops", ["raised", "raised"]), ("ops", ["raised"])]
    assert len(desk.stores.notifications.list_deliveries()) == 4


def test_notification_is_taken_back_with_the_change_that_it_tells_of(desk: Any, drift: Finding):
    def fail() -> None:
        with desk.stores.transactions.transaction():
            desk.check(drift)
            raise ZeroDivisionError

    desk.route(OPS)
    with pytest.raises(ZeroDivisionError):
        fail()
    assert desk.told() == []


def test_notifications_about_one_endpoint_keep_their_distance(desk: Any, drift: Finding):
    desk.route(OPS)
    desk.check(drift)
    desk.wait(seconds=30)
    desk.check(drift, WORSE)
    desk.wait(seconds=299)
    assert [each.state for each in map(desk.stores.notifications.latest, ["ops|delay"])] == ["gathering"]
    desk.wait(seconds=2)
    assert desk.stores.notifications.latest("ops|delay").state == "sealed"


def test_end_is_told_where_the_beginning_was(desk: Any, drift: Finding):
    desk.route(OPS)
    (alert,) = desk.check(drift)
    desk.wait(seconds=30)
    desk.person().resolve(alert.id, reason="mended")
    assert desk.told() == [("ops", ["raised"]), ("ops", ["resolved"])]
    assert desk.stores.monitors.list_followed() == []
    desk.wait(hours=10)
    assert len(desk.told()) == 2


def test_alert_that_nobody_takes_on_is_escalated_and_repeated_with_an_audit_entry(desk: Any, drift: Finding):
    desk.route(replace(OPS, escalate_to=("lead",), repeat=timedelta(hours=1)))
    (alert,) = desk.check(drift)
    desk.wait(minutes=30)
    desk.wait(minutes=31)
    assert desk.told() == [("ops", ["raised"]), ("ops > lead", ["escalated"]), ("ops", ["reminder"])]
    reminder, entry = desk.stores.audit.list(subject="endpoint:delay")[:2]
    assert (entry.action, entry.details["to"], entry.details["alert_id"]) == ("alert.escalate", ["lead"], alert.id)
    assert (reminder.action, reminder.details["news"]) == ("alert.tell", {"ops": "reminder"})
    assert desk.heard.count("alert.escalated") == 1
    desk.person().acknowledge(alert.id, reason="looking")
    desk.wait(hours=10)
    assert len(desk.told()) == 3


def test_silenced_alert_is_told_when_the_silence_ends(desk: Any, drift: Finding):
    desk.route(OPS)
    silences = Silences(stores=desk.stores, clock=desk.clock, events=desk.events, actor="user:ada")
    silences.add(
        SilenceDraft(lasts=timedelta(hours=1), reason="x", endpoint="del*", severity=Severity.WARNING, ahead=True)
    )
    desk.check(drift)
    desk.wait(minutes=59)
    assert desk.told() == []
    desk.check(drift, WORSE)
    assert desk.told() == [("ops", ["raised"])]  # more severe than what is silenced
    desk.wait(seconds=31)
    desk.wait(minutes=2)
    assert desk.told() == [("ops", ["raised"]), ("ops", ["raised"])]


def test_what_a_process_without_routes_did_is_told_later(desk: Any, drift: Finding):
    (alert,) = desk.check(drift)
    desk.route(OPS)
    desk.wait(seconds=1)
    assert desk.told() == [("ops", ["raised"])]
    desk.events._keepers.clear()
    desk.wait(minutes=1)
    desk.person().resolve(alert.id, reason="mended")
    assert len(desk.told()) == 1
    desk.wait(seconds=1)
    assert desk.told()[1:] == [("ops", ["resolved"])]


def test_signal_that_flips_at_every_check_gives_one_notification(desk: Any, drift: Finding):
    desk.route(replace(OPS, repeat=timedelta(0)))
    for number in range(50):
        desk.check(*([drift] if number % 2 else []))
        desk.wait(minutes=1)
    assert desk.told() == [("ops", ["raised"])]


def test_signal_that_flips_gives_no_more_notifications_than_the_interval_allows(desk: Any, drift: Finding):
    """Without hysteresis, over half an hour: one at first, then one for each five minutes at most."""
    desk.route(replace(OPS, channels=("mail",), group_wait=timedelta(0), repeat=timedelta(0)))
    for number in range(120):
        desk.check(*([drift] if number % 2 else []), resolve_after=1)
        desk.wait(seconds=15)
    assert 2 < len(desk.told()) <= 1 + 30 / 5


def test_signal_that_flips_raises_nothing_when_several_findings_in_a_row_are_needed(desk: Any, drift: Finding):
    desk.route(OPS)
    for number in range(20):
        desk.check(*([drift] if number % 2 else []), raise_after=2)
    assert desk.told() == []
    assert desk.stores.monitors.list_alerts() == []
