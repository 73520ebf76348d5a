"""Whether a trigger may fire now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from millwright.automation.trigger import Trigger
from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.audit import AuditEvent
    from millwright.core.records.monitor import AlertRecord

LAUNCH = "retraining.launch"  # audit action that counts as a run
_DAY = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True, slots=True)
class RetrainingPolicy:
    """The project's triggers.

    Attributes:
        triggers: The first one that fires counts.
        longest_run: After this a run counts as dead, and the next may start.

    Raises:
        InvalidInputError: Two triggers share a name.
    """

    triggers: tuple[Trigger, ...] = ()
    longest_run: timedelta = timedelta(hours=6)

    def __post_init__(self) -> None:
        names = [trigger.name for trigger in self.triggers]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise InvalidInputError(f"Two triggers are called '{min(twice)}'.", hint="Give each a name of its own.")

    def for_alert(self, alert: AlertRecord) -> Trigger | None:
        """The first trigger that an alert starts."""
        return next((trigger for trigger in self.triggers if trigger.fires_on_alert(alert)), None)

    def for_dataset(self, dataset: str) -> Trigger | None:
        """The first trigger that a new version of a dataset starts."""
        return next((trigger for trigger in self.triggers if trigger.fires_on_dataset(dataset)), None)


def wait_reason(trigger: Trigger, history: Sequence[AuditEvent], *, now: datetime) -> str:
    """Why a trigger may not fire now.

    Args:
        trigger: The rule.
        history: The audit entries of `trigger.subject`, newest first, going back 24 hours at least.
        now: The present.

    Returns:
        A sentence; empty when it may fire. A run that never ended (its process died) counts from its start.
    """
    if history and now < history[0].at + trigger.cooldown:
        until = (history[0].at + trigger.cooldown).isoformat(timespec="seconds")
        return f"Trigger '{trigger.name}' rests until {until} after its last run."
    launches = [entry.at for entry in history if entry.action == LAUNCH and entry.at > now - _DAY]
    if len(launches) >= trigger.max_per_day:
        until = (min(launches) + _DAY).isoformat(timespec="seconds")
        return f"Trigger '{trigger.name}' has run {len(launches)} times in 24 hours, which is its limit, until {until}."
    return ""
