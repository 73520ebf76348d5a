"""How notifications are delivered."""

from __future__ import annotations

from dataclasses import dataclass, field

from millwright.automation.delivery.options import DeliveryOptions

LEASE = "alert-notifications"


@dataclass(frozen=True, kw_only=True, slots=True)
class NotificationOptions:
    """Limits of notifications.

    Attributes:
        delivery: Of each attempt, and of the rest between them. Channels are set by those who run the project, and may
            lead to private addresses.
        poll_s: How often the worker looks for what is due.
        tell_s: How often it looks for reminders, escalations and silences that have ended.
        base_url: Where browsers reach the server, for links; empty for none.
    """

    delivery: DeliveryOptions = field(default_factory=lambda: DeliveryOptions(allow_private=True))
    poll_s: float = 1.0
    tell_s: float = 5.0
    base_url: str = ""
