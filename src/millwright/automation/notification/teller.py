"""Writes what is to be told, with the change that it tells of."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from millwright.automation.notification.plan import plan_news
from millwright.core.events import Event
from millwright.core.ids import AlertId, NotificationId, new_id
from millwright.core.records.notification import AlertNews, News, NotificationRecord, NotificationState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from millwright.automation.notification.plan import Plan, Telling
    from millwright.automation.notification.route import Route
    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.core.records.monitor import AlertRecord
    from millwright.storage.catalog import Stores

_FOLLOWED = frozenset({"alert.raised", "alert.worsened", "alert.resolved"})
_ACTOR = "notification"


class _ToldAlreadyError(Exception):
    """Somebody else told it, or changed the alert, between the plan and the lock: the next round looks again."""


class Teller:
    """Plans notifications of alerts, and writes them where a worker delivers them.

    Args:
        stores: Alerts, silences, notifications, audit log.
        clock: The time.
        events: Hears `alert.escalated`.
        routes: Who is told of what.
    """

    def __init__(self, *, stores: Stores, clock: Clock, events: EventBus, routes: Sequence[Route]) -> None:
        self._stores = stores
        self._clock = clock
        self._events = events
        self._routes = tuple(routes)

    def keep(self, event: Event) -> None:
        """Write what an event makes to be told, in the transaction of its change; for `EventBus.keep`."""
        if event.type in _FOLLOWED and self._routes:
            self._tell(AlertId(event.subject))

    def tell_due(self) -> int:
        """Tell what time has made due, and what others left untold: reminders, escalations, silences that have ended.

        Returns:
            Of how many alerts something was told.
        """
        now, count = self._clock.now(), 0
        for alert in self._stores.monitors.list_followed():
            plan = self._plan(alert, now)
            if plan.tellings or plan.told != alert.told:
                with suppress(_ToldAlreadyError), self._stores.transactions.transaction():
                    # Before the alert is held: every change of an alert writes the audit log first, or two that hold
                    # each what the other wants would wait for ever.
                    self._audit(alert, plan, now)
                    if self._tell(alert.id, now) != plan:
                        raise _ToldAlreadyError
                    count += 1
        return count

    def _plan(self, alert: AlertRecord, now: datetime) -> Plan:
        silences = self._stores.notifications.list_silences(lasting_at=now)
        silenced = any(silence.holds_back(alert, now) for silence in silences)
        return plan_news(alert, self._routes, silenced=silenced, now=now)

    def _tell(self, alert_id: AlertId, now: datetime | None = None) -> Plan:
        now = now or self._clock.now()
        alert = self._stores.monitors.hold_alert(alert_id)
        plan = self._plan(alert, now)
        for telling in plan.tellings:
            self._stores.notifications.gather(self._notification(alert, telling, now))
        if plan.told != alert.told:
            self._stores.monitors.update_alert(replace(alert, told=plan.told))
        to = [channel for each in plan.tellings if each.news is News.ESCALATED for channel in each.channels]
        if to:
            self._publish_escalation(alert, to, now)
        return plan

    def _notification(self, alert: AlertRecord, telling: Telling, now: datetime) -> NotificationRecord:
        news = AlertNews(
            news=telling.news,
            alert_id=alert.id,
            at=now,
            kind=alert.kind,
            subject=alert.subject,
            severity=alert.severity,
            message=alert.message,
            since=alert.created_at,
            monitor=alert.monitor,
        )
        record = NotificationRecord(
            id=NotificationId(new_id(int(now.timestamp() * 1000))),
            route=telling.name,
            endpoint=alert.endpoint,
            channels=telling.channels,
            state=NotificationState.GATHERING,
            created_at=now,
            due_at=now + telling.wait,
            items=(news,),
        )
        before = self._stores.notifications.latest(record.stream)
        if before is None:
            return record
        return replace(record, due_at=max(record.due_at, before.due_at + telling.interval))

    def _audit(self, alert: AlertRecord, plan: Plan, now: datetime) -> None:
        news = {telling.name: telling.news.value for telling in plan.tellings}
        escalates = any(telling.news is News.ESCALATED for telling in plan.tellings)
        self._stores.audit.append(
            at=now,
            actor=_ACTOR,
            action="alert.escalate" if escalates else "alert.tell",
            subject=f"endpoint:{alert.endpoint}",
            details={
                "alert_id": alert.id,
                "kind": alert.kind,
                "news": news,
                "to": [channel for telling in plan.tellings for channel in telling.channels],
            },
        )

    def _publish_escalation(self, alert: AlertRecord, channels: Sequence[str], now: datetime) -> None:
        data = {
            "alert_id": alert.id,
            "endpoint": alert.endpoint,
            "monitor": alert.monitor,
            "kind": alert.kind,
            "subject": alert.subject,
            "severity": alert.severity.value,
            "message": alert.message,
            "channels": list(channels),
        }
        stream = f"endpoints/{alert.endpoint}"
        event = Event(type="alert.escalated", subject=alert.id, at=now, data=data, stream=stream)
        self._events.publish(event, self._stores.transactions)
