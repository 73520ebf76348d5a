"""Which alerts are told to which channels, when, and to whom else when nobody takes them on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError
from millwright.core.records.monitor import Severity
from millwright.monitoring.alerting import concerns

if TYPE_CHECKING:
    from millwright.core.records.monitor import AlertRecord

_TO = " > "  # between a route and the channel that it was escalated to


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """A rule; every one that fits an alert counts.

    Attributes:
        name: Of no other route; alerts remember by it whom they were told to.
        channels: Names of channels.
        endpoint: Which one's, with `*` and `?` as in file names; empty for all.
        kinds: Which ones; empty for all.
        monitor: Of those of declared monitors, this one's alone; empty for all.
        severity: The least.
        group_wait: What comes within this time after the first is told with it.
        group_interval: Shortest time between two notifications of one endpoint, reminders included.
        repeat: While nobody acknowledges an alert it is told again so often; 0: once.
        escalate_to: Channels, the first of which is told after `escalate_after` without an acknowledgement, the second
            after twice that time, and so on.
        escalate_after: See there.

    Raises:
        InvalidInputError: A time below 0, or no channels.
    """

    name: str
    channels: tuple[str, ...]
    endpoint: str = ""
    kinds: frozenset[str] = frozenset()
    severity: Severity = Severity.INFO
    group_wait: timedelta = timedelta(seconds=30)
    group_interval: timedelta = timedelta(minutes=5)
    repeat: timedelta = timedelta(hours=4)
    escalate_to: tuple[str, ...] = ()
    escalate_after: timedelta = timedelta(minutes=30)
    monitor: str = ""

    def __post_init__(self) -> None:
        if not self.channels:
            raise InvalidInputError(f"Route '{self.name}' names no channel.", hint="Set channels = ['…'].")
        for name in ("group_wait", "group_interval", "repeat", "escalate_after"):
            if getattr(self, name) < timedelta(0):
                raise InvalidInputError(f"Route '{self.name}': expected {name} of 0 or more, found less.")

    def fits(self, alert: AlertRecord) -> bool:
        """Whether it is for an alert."""
        return (
            fnmatchcase(alert.endpoint, self.endpoint or "*")
            and (not self.kinds or alert.kind in self.kinds)
            and (not self.monitor or concerns(alert, self.monitor))
            and alert.severity.rank >= self.severity.rank
        )

    def escalated_name(self, channel: str) -> str:
        """The name under which a channel is told that an alert was escalated to it."""
        return f"{self.name}{_TO}{channel}"

    def channels_of(self, name: str) -> tuple[str, ...]:
        """Who is told under a name, its own or that of an escalation; nobody when it is another's."""
        if name == self.name:
            return self.channels
        return tuple(channel for channel in self.escalate_to if name == self.escalated_name(channel))
