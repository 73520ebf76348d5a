"""What counts as an anomaly, and what a metric is held against."""

from __future__ import annotations

from dataclasses import dataclass, field

from millwright.core.errors import InvalidInputError
from millwright.monitoring.threshold.settings import Season, ThresholdMethod, ThresholdSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class AnomalySettings:
    """When the rows of a window count as odd.

    Attributes:
        enabled: Whether they are looked at: less than a second of a processor for 5,000 rows.
        expected_share: Share of the reference's rows that is called odd, above 0 and below 0.5: what is odd in a window
            is at least as odd as these.
        max_share: Tolerated share of odd rows in a window, from `expected_share` to 1.
        min_rows: With fewer rows of the window, or four times as few of the reference, nothing is decided.
        sample: At most so many rows of each side are looked at, drawn.
        examples: At most so many rows are named.

    Raises:
        InvalidInputError: A number outside its range.
    """

    enabled: bool = True
    expected_share: float = 0.01
    max_share: float = 0.05
    min_rows: int = 50
    sample: int = 5_000
    examples: int = 10

    def __post_init__(self) -> None:
        if not 0 < self.expected_share < 0.5:
            raise InvalidInputError(f"Expected a share of odd rows between 0 and 0.5, found {self.expected_share}.")
        if not self.expected_share <= self.max_share <= 1:
            raise InvalidInputError(
                f"Expected a tolerated share of odd rows from {self.expected_share} to 1, found {self.max_share}."
            )
        if not 1 <= self.min_rows <= self.sample:
            raise InvalidInputError(
                f"Expected at least 1 row, and a sample of at least as many, found {self.min_rows} and {self.sample}."
            )
        if self.examples < 0:
            raise InvalidInputError(f"Expected 0 examples or more, found {self.examples}.")


@dataclass(frozen=True, kw_only=True, slots=True)
class SeriesSettings:
    """When a moment of a series counts as odd.

    Attributes:
        limit: How many robust standard deviations from what is usual, > 0. At 5, one series in some hundred of a
            thousand normal values has one that is odd by chance; real series have heavier tails.
        min_periods: So many periods must be there for a season, ≥ 2.
        min_values: So many values must be there at all, ≥ 5.
        season: Which season is taken out, where its length is not given: that of the week or of the day.

    Raises:
        InvalidInputError: A number outside its range.
    """

    limit: float = 5.0
    min_periods: int = 3
    min_values: int = 12
    season: Season = Season.AUTO

    def __post_init__(self) -> None:
        if not self.limit > 0:
            raise InvalidInputError(f"Expected a limit above 0, found {self.limit}.")
        if self.min_periods < 2 or self.min_values < 5:
            raise InvalidInputError(
                f"Expected at least 2 periods and 5 values, found {self.min_periods} and {self.min_values}."
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class PastSettings:
    """What the metric of a check is held against: its own past.

    Attributes:
        enabled: Whether it is.
        series: Trend and season of the past, and how far from them is odd; `min_values` holds for limits, too.
        limits: Limits from the past by season, in place of trend; None for trend and season.
        metrics: Which metrics beside the deciding one are held against their past, too.

    Raises:
        InvalidInputError: The limits are constant: those need no past.
    """

    enabled: bool = True
    series: SeriesSettings = field(default_factory=SeriesSettings)
    limits: ThresholdSettings | None = None
    metrics: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.limits is not None and self.limits.method is ThresholdMethod.CONSTANT:
            raise InvalidInputError("Expected limits from the past, by deviations or quantiles, found constant ones.")
