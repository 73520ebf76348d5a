"""How a window is judged."""

from __future__ import annotations

from dataclasses import dataclass, field

from millwright.core.errors import InvalidInputError
from millwright.monitoring.drift import DriftSettings
from millwright.monitoring.missing import MissingSettings
from millwright.monitoring.performance import PerformanceSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitorSettings:
    """How a window is judged.

    Attributes:
        drift: Per column.
        performance: On labelled rows.
        missing: Per input column.
        min_rows: With fewer rows nothing is decided about drift or missing values.
        drift_share: Share of the features that must drift for an alert, above 0 and at most 1; drift of an answer
            (prediction or probability) suffices by itself.

    Raises:
        InvalidInputError: A number outside its range.
    """

    drift: DriftSettings = field(default_factory=DriftSettings)
    performance: PerformanceSettings = field(default_factory=PerformanceSettings)
    missing: MissingSettings = field(default_factory=MissingSettings)
    min_rows: int = 50
    drift_share: float = 0.2

    def __post_init__(self) -> None:
        if self.min_rows < 1:
            raise InvalidInputError(f"Expected at least 1 row as the smallest window, found {self.min_rows}.")
        if not 0 < self.drift_share <= 1:
            raise InvalidInputError(
                f"Expected a share of drifted features above 0, at most 1, found {self.drift_share}."
            )
