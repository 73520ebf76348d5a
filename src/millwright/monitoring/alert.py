"""Alerts: raised once, acknowledged, resolved; every change is audited with it, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.core.errors import NotFoundError
from millwright.core.events import Event
from millwright.core.ids import AlertId, ReportId, new_id
from millwright.core.records.monitor import AlertRecord, AlertState

if TYPE_CHECKING:
    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.monitoring.finding import Finding
    from millwright.storage.base import MonitorStore
    from millwright.storage.catalog import Stores

_FAR_BACK = 1000  # alerts per endpoint that are looked through; older ones have long been dealt with


def unresolved_alerts(monitors: MonitorStore, endpoint: str) -> list[AlertRecord]:
    """Alerts of an endpoint that are open or acknowledged, newest first."""
    found = monitors.list_alerts(endpoint, limit=_FAR_BACK)
    return [alert for alert in found if alert.state is not AlertState.RESOLVED]


def find_alert(monitors: MonitorStore, alert_id: AlertId) -> AlertRecord:
    """An alert as it stands now.

    Raises:
        NotFoundError: There is no such alert among the newest thousand.
    """
    for alert in monitors.list_alerts(limit=_FAR_BACK):
        if alert.id == alert_id:
            return alert
    raise NotFoundError(f"There is no alert '{alert_id}'.", hint="List alerts with: mw monitor status")


class AlertDesk:
    """Raises alerts and changes their state.

    Args:
        stores: Where alerts and the audit log are.
        clock: Tells when.
        events: Hears `alert.raised`, `alert.acknowledged` and `alert.resolved`.
        actor: Who acts, for the audit log.
    """

    def __init__(self, *, stores: Stores, clock: Clock, events: EventBus, actor: str) -> None:
        self._stores = stores
        self._clock = clock
        self._events = events
        self._actor = actor

    def record(self, finding: Finding, *, endpoint: str, report_id: ReportId) -> AlertRecord | None:
        """Raise an alert, unless one of the same kind and endpoint is unresolved.

        Call it inside a transaction that has written to the audit log already: that serialises two checks of one
        endpoint. Listeners hear of it after the commit.

        Returns:
            The alert; None when it stands already.
        """
        if any(alert.kind == finding.kind for alert in unresolved_alerts(self._stores.monitors, endpoint)):
            return None
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
        )
        self._stores.monitors.append_alert(alert)
        self._audit("alert.raise", alert, message=alert.message)
        self._tell("raised", alert)
        return alert

    def acknowledge(self, alert_id: AlertId, *, reason: str) -> AlertRecord:
        """Take an alert on.

        Raises:
            NotFoundError: There is no such alert.
            StateTransitionError: It is not open any more.
        """
        return self._change(alert_id, AlertState.ACKNOWLEDGED, reason)

    def resolve(self, alert_id: AlertId, *, reason: str) -> AlertRecord:
        """Close an alert; the next finding of its kind raises a new one.

        Raises:
            NotFoundError: There is no such alert.
            StateTransitionError: It is resolved already.
        """
        return self._change(alert_id, AlertState.RESOLVED, reason)

    def _change(self, alert_id: AlertId, state: AlertState, reason: str) -> AlertRecord:
        with self._stores.transactions.transaction():
            alert = self._stores.monitors.set_alert_state(alert_id, state)
            verb = "acknowledge" if state is AlertState.ACKNOWLEDGED else "resolve"
            self._audit(f"alert.{verb}", alert, reason=reason)
            self._tell(state.value, alert)
        return alert

    def _tell(self, verb: str, alert: AlertRecord) -> None:
        data = {
            "alert_id": alert.id,
            "endpoint": alert.endpoint,
            "kind": alert.kind,
            "severity": alert.severity.value,
            "message": alert.message,
            "report_id": alert.report_id,
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
            details={"alert_id": alert.id, "kind": alert.kind, **details},
        )
