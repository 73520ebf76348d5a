"""Alerts: raised once, counted when found again, acknowledged, resolved; every change is audited in one transaction."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from millwright.core.errors import StateTransitionError
from millwright.core.events import Event
from millwright.core.ids import AlertId, new_id
from millwright.core.records.monitor import AlertRecord, AlertState, StreakRecord
from millwright.monitoring.alerting.clearance import is_over
from millwright.monitoring.alerting.rules import AlertRules
from millwright.monitoring.alerting.succession import succession

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.core.ids import ReportId
    from millwright.core.records.monitor import MonitorReportRecord
    from millwright.monitoring.finding import Finding
    from millwright.storage.base import MonitorStore
    from millwright.storage.catalog import Stores

    Key = tuple[str, str]  # kind and subject


def unresolved_alerts(monitors: MonitorStore, endpoint: str, *, monitor: str | None = None) -> list[AlertRecord]:
    """Alerts of an endpoint that are open or acknowledged, newest first.

    Args:
        monitors: Where they are.
        endpoint: Whose.
        monitor: Only those of this declared monitor; with an empty name those of checks by hand.
    """
    found = [alert for alert in monitors.list_followed(endpoint) if alert.state is not AlertState.RESOLVED]
    return [alert for alert in reversed(found) if monitor is None or alert.monitor == monitor]


class AlertDesk:
    """Raises alerts and changes their state.

    Args:
        stores: Where alerts and the audit log are.
        clock: Tells when.
        events: Hears `alert.raised`, `alert.worsened`, `alert.acknowledged` and `alert.resolved`.
        actor: Who acts, for the audit log.
        rules: After how many findings an alert is raised, and after how many clean checks it ends by itself.
    """

    def __init__(
        self, *, stores: Stores, clock: Clock, events: EventBus, actor: str, rules: AlertRules | None = None
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._events = events
        self._actor = actor
        self._rules = rules or AlertRules()

    def observe(
        self,
        findings: Iterable[Finding],
        *,
        report: MonitorReportRecord,
        judged: Collection[str],
        follows: bool = False,
    ) -> list[AlertRecord]:
        """Take in what a check found, and what it did not find.

        Call it inside a transaction that has written to the audit log already: that serialises two checks of one
        endpoint. Listeners hear of it after the commit. Checks of one monitor leave alerts of another alone: it looks
        at another window, by other limits.

        Args:
            findings: At most one of each kind and subject.
            report: The check; its `monitor` is that of the alerts.
            judged: The kinds that the check could tell about. That it found nothing of another kind says nothing.
            follows: Whether the report is of the version that answers now, whichever that is: alerts about those before
                are over then.

        Returns:
            The alerts that it raised.
        """
        monitors, monitor = self._stores.monitors, report.monitor
        if follows:
            self.end_succeeded(report.endpoint, f"{report.model}@{report.version}", monitor=monitor)
        standing = {_key(alert): alert for alert in unresolved_alerts(monitors, report.endpoint, monitor=monitor)}
        streaks = {
            (streak.kind, streak.subject): streak
            for streak in monitors.list_streaks(report.endpoint)
            if streak.monitor == monitor
        }
        found: set[Key] = set()
        raised = []
        for finding in findings:
            key = (finding.kind.value, finding.subject)
            found.add(key)
            if key in standing:
                self._see_again(standing[key], finding, report.id)
            elif self._suffices(finding, streaks.get(key), report):
                raised.append(self._raise(finding, report.endpoint, report.id, monitor))
        for key, streak in streaks.items():
            if key not in found and streak.kind in judged:
                monitors.put_streak(replace(streak, findings=0))
        for key, alert in standing.items():
            if key not in found and alert.kind in judged:
                self._see_gone(alert, report)
        return raised

    def record(
        self, finding: Finding, *, endpoint: str, report_id: ReportId | None, monitor: str = ""
    ) -> AlertRecord | None:
        """Raise an alert at once, unless one of the same endpoint, monitor, kind and subject is unresolved.

        Call it as `observe`.

        Args:
            finding: What was found.
            endpoint: Whose.
            report_id: The check that found it; None where none came about.
            monitor: The declared monitor that it is about; empty when it is about none.

        Returns:
            The alert; None when it stands already, which has counted the finding.
        """
        unresolved = unresolved_alerts(self._stores.monitors, endpoint, monitor=monitor)
        standing = {_key(alert): alert for alert in unresolved}
        known = standing.get((finding.kind.value, finding.subject))
        if known is not None:
            self._see_again(known, finding, report_id)
            return None
        return self._raise(finding, endpoint, report_id, monitor)

    def end_succeeded(self, endpoint: str, answers: str, *, monitor: str | None = None) -> None:
        """Resolve alerts about versions that another one has taken the place of.

        Call it as `observe`.

        Args:
            endpoint: Whose.
            answers: `name@version` of the one that answers.
            monitor: As of `unresolved_alerts`.
        """
        for alert in unresolved_alerts(self._stores.monitors, endpoint, monitor=monitor):
            reason = succession(alert, answers, self._stores.monitors)
            if reason is not None:
                with suppress(StateTransitionError):  # somebody resolved it at this moment
                    self.resolve(alert.id, reason=reason)

    def acknowledge(self, alert_id: AlertId, *, reason: str) -> AlertRecord:
        """Take an alert on: nobody is reminded of it any more.

        Raises:
            NotFoundError: There is no such alert.
            StateTransitionError: It is not open any more.
        """
        now = self._clock.now()
        return self._change(alert_id, AlertState.ACKNOWLEDGED, reason, acknowledged_at=now, acknowledged_by=self._actor)

    def resolve(self, alert_id: AlertId, *, reason: str) -> AlertRecord:
        """Close an alert; the next finding of its kind raises a new one.

        Raises:
            NotFoundError: There is no such alert.
            StateTransitionError: It is resolved already.
        """
        now = self._clock.now()
        return self._change(alert_id, AlertState.RESOLVED, reason, resolved_at=now, resolved_by=self._actor)

    def _suffices(self, finding: Finding, streak: StreakRecord | None, report: MonitorReportRecord) -> bool:
        """Whether it was found often enough in a row; the streak is counted."""
        findings = (streak.findings if streak is not None else 0) + 1
        suffices = findings >= self._rules.raise_after
        if streak is not None or not suffices:
            self._stores.monitors.put_streak(
                StreakRecord(
                    endpoint=report.endpoint,
                    kind=finding.kind.value,
                    subject=finding.subject,
                    findings=0 if suffices else findings,
                    updated_at=self._clock.now(),
                    monitor=report.monitor,
                )
            )
        return suffices

    def _raise(self, finding: Finding, endpoint: str, report_id: ReportId | None, monitor: str) -> AlertRecord:
        now = self._clock.now()
        alert = AlertRecord(
            id=AlertId(new_id(int(now.timestamp() * 1000))),
            endpoint=endpoint,
            kind=finding.kind.value,
            severity=finding.severity,
            state=AlertState.OPEN,
            message=finding.message,
            created_at=now,
            report_id=report_id,
            evidence=finding.evidence,
            subject=finding.subject,
            last_seen=now,
            monitor=monitor,
        )
        self._stores.monitors.append_alert(alert)
        self._audit("alert.raise", alert, message=alert.message)
        self._tell("raised", alert)
        return alert

    def _see_again(self, seen: AlertRecord, finding: Finding, report_id: ReportId | None) -> None:
        known = self._stores.monitors.hold_alert(seen.id)
        if known.state is AlertState.RESOLVED:  # by a person, at this moment; the next check raises it again
            return
        is_worse = finding.severity.rank > known.severity.rank
        alert = replace(
            known,
            severity=finding.severity if is_worse else known.severity,
            message=finding.message,
            evidence=finding.evidence,
            last_report_id=report_id or known.last_report_id,
            last_seen=self._clock.now(),
            count=known.count + 1,
            clean_checks=0,
        )
        self._stores.monitors.update_alert(alert)
        if is_worse:
            self._audit("alert.worsen", alert, severity=alert.severity.value, before=known.severity.value)
            self._tell("worsened", alert)

    def _see_gone(self, seen: AlertRecord, report: MonitorReportRecord) -> None:
        known = self._stores.monitors.hold_alert(seen.id)
        if known.state is AlertState.RESOLVED:
            return
        is_clean = is_over(known, report, resolve_limit=self._rules.resolve_limit)
        alert = replace(known, clean_checks=known.clean_checks + 1 if is_clean else 0)
        if alert != known:
            self._stores.monitors.update_alert(alert)
        if is_clean and 0 < self._rules.resolve_after <= alert.clean_checks:
            checks = "check" if alert.clean_checks == 1 else "checks"
            self.resolve(alert.id, reason=f"Not found any more by {alert.clean_checks} {checks} in a row.")

    def _change(self, alert_id: AlertId, state: AlertState, reason: str, **fields: Any) -> AlertRecord:
        verb = "acknowledge" if state is AlertState.ACKNOWLEDGED else "resolve"
        with self._stores.transactions.transaction():
            # The audit log first, as a check does: two that hold each what the other wants would wait for ever.
            self._audit(f"alert.{verb}", self._stores.monitors.get_alert(alert_id), reason=reason)
            alert = replace(self._stores.monitors.set_alert_state(alert_id, state), **fields)
            self._stores.monitors.update_alert(alert)
            self._tell(state.value, alert, reason=reason, by=self._actor)
        return alert

    def _tell(self, verb: str, alert: AlertRecord, **more: Any) -> None:
        data = {
            "alert_id": alert.id,
            "endpoint": alert.endpoint,
            "monitor": alert.monitor,
            "kind": alert.kind,
            "subject": alert.subject,
            "severity": alert.severity.value,
            "message": alert.message,
            "report_id": alert.report_id,
            **more,
        }
        stream = f"endpoints/{alert.endpoint}"
        event = Event(type=f"alert.{verb}", subject=alert.id, at=self._clock.now(), data=data, stream=stream)
        self._events.publish(event, self._stores.transactions)

    def _audit(self, action: str, alert: AlertRecord, **details: Any) -> None:
        self._stores.audit.append(
            at=self._clock.now(),
            actor=self._actor,
            action=action,
            subject=f"endpoint:{alert.endpoint}",
            details={"alert_id": alert.id, "kind": alert.kind, "monitor": alert.monitor, **details},
        )


def _key(alert: AlertRecord) -> Key:
    return alert.kind, alert.subject
