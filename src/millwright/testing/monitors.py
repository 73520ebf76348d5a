"""Conformance of `MonitorStore`."""
# ruff: noqa: S101

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import NotFoundError, StateTransitionError
from millwright.core.ids import AlertId, ReportId
from millwright.core.records.monitor import AlertState, Severity, StreakRecord, Told, WatchRecord
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance

if TYPE_CHECKING:
    from millwright.storage.base.monitors import MonitorStore


class MonitorStoreConformance(StoreConformance):
    """Monitoring reports, alerts and decisions."""

    def test_report_comes_back_as_it_was_appended(self, store: MonitorStore) -> None:
        """Infinite scores included."""
        report = sample.report()
        store.append_report(report)
        assert store.get_report(report.id) == report

    def test_unknown_report_is_an_error(self, store: MonitorStore) -> None:
        """It says which."""
        with pytest.raises(NotFoundError, match="nowhere"):
            store.get_report(ReportId("nowhere"))

    def test_reports_are_listed_newest_first(self, store: MonitorStore) -> None:
        """By time, then the latest arrival; of one endpoint, and limited, when asked for."""
        reports = [sample.report(name, seconds=seconds) for name, seconds in (("a", 1), ("b", 0), ("a", 1))]
        for report in reports:
            store.append_report(report)
        assert store.list_reports() == [reports[2], reports[0], reports[1]]
        assert store.list_reports("a") == [reports[2], reports[0]]
        assert store.list_reports(limit=1) == [reports[2]]
        assert store.list_reports("nowhere") == []

    def test_reports_and_alerts_of_one_monitor_are_listed(self, store: MonitorStore) -> None:
        """With no name those of none, which were asked for by hand."""
        named = [("a", "täglich"), ("a", ""), ("b", "täglich"), ("a", "täglich")]
        reports = [replace(sample.report(endpoint), monitor=monitor) for endpoint, monitor in named]
        alerts = [replace(sample.alert(endpoint), monitor=monitor) for endpoint, monitor in named]
        for report, alert in zip(reports, alerts, strict=True):
            store.append_report(report)
            store.append_alert(alert)
        assert store.list_reports("a", monitor="täglich") == [reports[3], reports[0]]
        assert store.list_reports("a", monitor="täglich", limit=1) == [reports[3]]
        assert store.list_reports(monitor="täglich") == [reports[3], reports[2], reports[0]]
        assert store.list_reports("a", monitor="") == [reports[1]]
        assert store.list_reports("a", monitor="nowhere") == []
        assert store.list_alerts("a", monitor="täglich") == [alerts[3], alerts[0]]
        assert store.list_alerts(monitor="") == [alerts[1]]

    def test_alerts_are_listed_newest_first(self, store: MonitorStore) -> None:
        """Of one endpoint, open only, and limited, when asked for."""
        alerts = [sample.alert(name, seconds=second) for second, name in enumerate("aba")]
        for alert in alerts:
            store.append_alert(alert)
        taken = store.set_alert_state(alerts[2].id, AlertState.ACKNOWLEDGED)
        assert store.list_alerts() == [taken, alerts[1], alerts[0]]
        assert store.list_alerts("a") == [taken, alerts[0]]
        assert store.list_alerts(open_only=True) == [alerts[1], alerts[0]]
        assert store.list_alerts("a", open_only=True) == [alerts[0]]
        assert store.list_alerts(limit=1) == [taken]

    def test_alert_goes_from_open_to_acknowledged_to_resolved(self, store: MonitorStore) -> None:
        """And no other way."""
        alert = sample.alert()
        store.append_alert(alert)
        for state in (AlertState.ACKNOWLEDGED, AlertState.RESOLVED):
            assert store.set_alert_state(alert.id, state) == replace(alert, state=state)
            assert store.list_alerts() == [replace(alert, state=state)]
            assert store.get_alert(alert.id) == replace(alert, state=state)
        for state in AlertState:
            with pytest.raises(StateTransitionError, match="resolved"):
                store.set_alert_state(alert.id, state)

    def test_alert_may_be_resolved_at_once(self, store: MonitorStore) -> None:
        """Not every one is worth an acknowledgement."""
        alert = sample.alert()
        store.append_alert(alert)
        store.set_alert_state(alert.id, AlertState.RESOLVED)
        assert store.list_alerts(open_only=True) == []

    def test_unknown_alert_is_an_error(self, store: MonitorStore) -> None:
        """It says which."""
        with pytest.raises(NotFoundError, match="nowhere"):
            store.set_alert_state(AlertId("nowhere"), AlertState.RESOLVED)
        with pytest.raises(NotFoundError, match="nowhere"):
            store.get_alert(AlertId("nowhere"))

    def test_alert_is_replaced_except_for_its_state(self, store: MonitorStore) -> None:
        """A change of state that was made meanwhile stays."""
        alert = sample.alert()
        store.append_alert(alert)
        store.set_alert_state(alert.id, AlertState.ACKNOWLEDGED)
        told = {"ops": Told(at=sample.NOON, severity=Severity.WARNING)}
        changed = replace(alert, count=7, subject="größe", severity=Severity.CRITICAL, told=told, resolved_by="ada")
        store.update_alert(changed)
        expected = replace(changed, state=AlertState.ACKNOWLEDGED)
        assert store.get_alert(alert.id) == store.hold_alert(alert.id) == expected
        with pytest.raises(NotFoundError, match="nowhere"):
            store.update_alert(replace(alert, id=AlertId("nowhere")))

    def test_alert_is_followed_until_all_who_were_told_know_of_its_end(self, store: MonitorStore) -> None:
        """Oldest first; of one endpoint when asked for."""
        alerts = [sample.alert(name, seconds=second) for second, name in enumerate("aab")]
        for alert in alerts:
            store.append_alert(alert)
        assert store.list_followed() == alerts
        told = {"ops": Told(at=sample.NOON, severity=Severity.WARNING)}
        store.update_alert(replace(alerts[1], told=told))
        for alert in alerts[:2]:
            store.set_alert_state(alert.id, AlertState.RESOLVED)
        assert [alert.id for alert in store.list_followed()] == [alerts[1].id, alerts[2].id]
        assert [alert.id for alert in store.list_followed("b")] == [alerts[2].id]
        store.update_alert(alerts[1])
        assert [alert.id for alert in store.list_followed()] == [alerts[2].id]

    def test_streak_is_replaced_and_removed(self, store: MonitorStore) -> None:
        """By endpoint, monitor, kind and subject."""
        streak = StreakRecord(endpoint="a", kind="drift", subject="", findings=1, updated_at=sample.NOON)
        other, hourly = replace(streak, subject="größe"), replace(streak, monitor="stündlich")
        for each in (streak, hourly, other, replace(streak, endpoint="b"), replace(streak, findings=2)):
            store.put_streak(each)
        assert store.list_streaks("a") == [replace(streak, findings=2), other, hourly]
        store.put_streak(replace(streak, findings=0))
        assert store.list_streaks("a") == [other, hourly]
        assert store.list_streaks("nowhere") == []
        assert store.list_streaks() == [other, hourly, replace(streak, endpoint="b")]

    def test_watch_is_replaced_and_purged(self, store: MonitorStore) -> None:
        """By endpoint and name, with every byte."""
        watch = WatchRecord(endpoint="a", name="größe", data=bytes(range(256)), updated_at=sample.NOON)
        newer = replace(watch, data=b"", updated_at=sample.moment(5))
        for each in (watch, replace(watch, name=""), replace(watch, endpoint="b"), newer):
            store.put_watch(each)
        assert store.find_watch("a", "größe") == newer
        assert store.find_watch("a", "x") is None
        assert store.purge_watches(sample.moment(1)) == 2
        assert store.find_watch("a", "größe") == newer
        assert store.find_watch("b", "größe") is None

    def test_decisions_are_listed_newest_first(self, store: MonitorStore) -> None:
        """With every field, and limited."""
        decisions = [sample.decision(seconds=seconds) for seconds in (0, 2, 1)]
        for decision in decisions:
            store.append_decision(decision)
        assert store.list_decisions() == [decisions[1], decisions[2], decisions[0]]
        assert store.list_decisions(limit=1) == [decisions[1]]

    def test_nothing_is_there_at_first(self, store: MonitorStore) -> None:
        """Every list is empty."""
        assert store.list_reports() == []
        assert store.list_alerts() == []
        assert store.list_decisions() == []
