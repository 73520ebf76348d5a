"""How limits are set."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from millwright.core.errors import InvalidInputError


class ThresholdMethod(StrEnum):
    """Where limits come from."""

    CONSTANT = "constant"  # they are given
    DEVIATIONS = "deviations"  # the mean of the reference's chunks, and so many standard deviations
    QUANTILES = "quantiles"  # quantiles of the reference's chunks


class Season(StrEnum):
    """Which moments are alike; hours and days are those of UTC."""

    AUTO = "auto"  # the finest one that the history has three periods of
    NONE = "none"  # all are
    HOUR_OF_DAY = "hour_of_day"
    DAY_OF_WEEK = "day_of_week"
    HOUR_OF_WEEK = "hour_of_week"


@dataclass(frozen=True, kw_only=True, slots=True)
class ThresholdSettings:
    """How limits are set.

    Attributes:
        method: By which rule.
        deviations: For `deviations`, how many to each side, > 0. Meant as of a normal distribution whose mean and
            deviation are known: 3 leaves out 0.27 % of values. From few chunks the limits are wider accordingly.
        quantiles: For `quantiles`, the lower and the upper one, 0 to 1.
        low: For `constant`, the lower limit; None for none.
        high: The upper one.
        season: What of the past a value is held against.

    Raises:
        InvalidInputError: A number outside its range, or limits the wrong way round.
    """

    method: ThresholdMethod = ThresholdMethod.DEVIATIONS
    deviations: float = 3.0
    quantiles: tuple[float, float] = (0.005, 0.995)
    low: float | None = None
    high: float | None = None
    season: Season = Season.AUTO

    def __post_init__(self) -> None:
        if not (self.deviations > 0 and math.isfinite(self.deviations)):
            raise InvalidInputError(f"Expected a number of standard deviations above 0, found {self.deviations}.")
        low, high = self.quantiles
        if not 0 <= low < high <= 1:
            raise InvalidInputError(f"Expected two quantiles in order, between 0 and 1, found {low} and {high}.")
        if any(limit is not None and math.isnan(limit) for limit in (self.low, self.high)):
            raise InvalidInputError("Expected limits that are numbers, found NaN.")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise InvalidInputError(f"Expected a lower limit below the upper one, found {self.low} and {self.high}.")
        if self.method is ThresholdMethod.CONSTANT and self.low is None and self.high is None:
            raise InvalidInputError(
                "Expected a limit for the method 'constant', found none.", hint="Set low, high or both."
            )
