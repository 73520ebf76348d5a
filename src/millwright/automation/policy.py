"""All triggers of a project."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from millwright.automation.trigger import Trigger
from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from millwright.core.records.monitor import AlertRecord


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
