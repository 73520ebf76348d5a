"""What every alarm is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from millwright.monitoring.comparison import Comparison
from millwright.monitoring.finding import AlertKind, Finding
from millwright.monitoring.settings import MonitorSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """One kind of alert.

    Attributes:
        kind: Which one.
        judged: Whether a comparison could tell at all: where it could not, that nothing was found says nothing.
        find: What is worth an alert, None for nothing; called only where it could be told.
    """

    kind: AlertKind
    judged: Callable[[Comparison, MonitorSettings], bool]
    find: Callable[[Comparison, MonitorSettings], Finding | None]
