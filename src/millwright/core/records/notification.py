"""Who is told of alerts, when, and who is not: silences, notifications and their deliveries to channels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from millwright.core.ids import AlertId, DeliveryId, NotificationId, SilenceId
from millwright.core.records.delivery import DeliveryState
from millwright.core.records.monitor import Severity

if TYPE_CHECKING:
    from millwright.core.records.monitor import AlertRecord


@dataclass(frozen=True, kw_only=True, slots=True)
class SilenceRecord:
    """Alerts that nobody wants to be told of for a while; they are raised and shown all the same.

    Attributes:
        endpoint: Which one's, with `*` and `?` as in file names; empty for all.
        monitor: Which declared monitor's, with `*` and `?`; empty for all, those of checks by hand included.
        kind: Which kind; empty for all.
        severity: Up to how severe; None for all.
        ends_at: It holds from `starts_at` until then.
        created_by: Who wanted it.
        reason: Why.
        ended_by: Who ended it before its time; empty when nobody did.
    """

    id: SilenceId
    starts_at: datetime
    ends_at: datetime
    created_by: str
    reason: str
    endpoint: str = ""
    kind: str = ""
    severity: Severity | None = None
    ended_by: str = ""
    monitor: str = ""

    def holds_back(self, alert: AlertRecord, at: datetime) -> bool:
        """Whether nobody is to be told of an alert at that moment."""
        return (
            self.starts_at <= at < self.ends_at
            and fnmatchcase(alert.endpoint, self.endpoint or "*")
            and fnmatchcase(alert.monitor, self.monitor or "*")
            and self.kind in {"", alert.kind}
            and (self.severity is None or alert.severity.rank <= self.severity.rank)
        )


class News(StrEnum):
    """What people are told about an alert."""

    RAISED = "raised"  # it is new, or the silence over it has ended
    WORSENED = "worsened"  # it became more severe
    REMINDER = "reminder"  # nobody has acknowledged it since the last time
    ESCALATED = "escalated"  # nobody has acknowledged it, so others are told
    RESOLVED = "resolved"  # its cause is gone, or it was dealt with


class NotificationState(StrEnum):
    """Where a notification stands."""

    GATHERING = "gathering"  # entered with its first news; more may be added until it is due
    SEALED = "sealed"  # entered when it was due: its deliveries go out; final


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertNews:
    """One thing to be told about one alert, as it was then.

    Attributes:
        since: When the alert was raised.
        monitor: As of the alert.
    """

    news: News
    alert_id: AlertId
    at: datetime
    kind: str
    subject: str
    severity: Severity
    message: str
    since: datetime
    monitor: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class NotificationRecord:
    """What the channels of one route are told about one endpoint, at once.

    Attributes:
        route: The name of the route; with ` > channel` behind it when it was escalated.
        channels: Names; each gets a delivery.
        due_at: When it is sealed.
        items: In the order in which they happened.
    """

    id: NotificationId
    route: str
    endpoint: str
    channels: tuple[str, ...]
    state: NotificationState
    created_at: datetime
    due_at: datetime
    items: tuple[AlertNews, ...] = ()

    @property
    def stream(self) -> str:
        """What gathers in one notification: news of one endpoint on one route."""
        return f"{self.route}|{self.endpoint}"


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelDeliveryRecord:
    """One notification on its way to one channel.

    Attributes:
        id: The same with each attempt.
        stream: See `NotificationRecord.stream`; of one channel and stream they are delivered in order.
        attempts: Made so far.
        next_try_at: None while the notification gathers, and when it has ended.
        ended_at: When it was delivered or given up.
        last_error: What went wrong last, without secrets; empty when nothing did.
    """

    id: DeliveryId
    notification_id: NotificationId
    channel: str
    stream: str
    state: DeliveryState
    created_at: datetime
    attempts: int = 0
    next_try_at: datetime | None = None
    ended_at: datetime | None = None
    last_error: str = ""
