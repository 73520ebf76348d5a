"""Limits, and a value beside them.

`deviations` gives the interval in which the next value of a normal population lies, when mean and deviation are known
from n values only: mean ± t·s·√(1 + 1/n), t of n - 1 degrees of freedom at the probability of the given number of
deviations. Plain three deviations of ten chunks would be left by one value in 55 rather than in 370. Source: Hahn and
Meeker, Statistical Intervals, 1991, section 4.7. `quantiles` are those at rank p·(n + 1) (Weibull, 1939), beyond which
the next value lies with probability p whatever the population; at most the extremes.

With a season, each bucket has its own mean; how values scatter around it is taken from all buckets together, for three
values of a bucket alone say little of that.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from millwright.core.errors import InvalidInputError, MissingExtraError
from millwright.monitoring.threshold.season import bucket, buckets, usable_season
from millwright.monitoring.threshold.settings import Season, ThresholdMethod, ThresholdSettings

if TYPE_CHECKING:
    from datetime import datetime

    from millwright.evaluation.metrics.sample import Codes, Floats

LEAST_VALUES = 3
Range: TypeAlias = "tuple[float | None, float | None]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """A value beside its limits.

    Attributes:
        value: As given.
        low: The lower limit; None for none.
        high: The upper limit; None for none.
        outside: On which side it leaves them; None when it does not, or is NaN. A value on a limit is inside.
    """

    value: float
    low: float | None
    high: float | None
    outside: Literal["above", "below"] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Limits of one metric.

    Attributes:
        low: The lower one for a value of no known season; None for none.
        high: The upper one.
        season: Which season is told apart.
        seasonal: Its bucket → limits.
        values: How many values they were made from; 0 for constant ones.

    Examples:
        >>> limits = Limits.of([0.80, 0.82, 0.79, 0.81, 0.80, 0.78])
        >>> round(limits.low, 3), round(limits.high, 3)
        (0.716, 0.884)
        >>> limits.judge(0.65).outside
        'below'
    """

    low: float | None
    high: float | None
    season: Season = Season.NONE
    seasonal: Mapping[int, Range] = field(default_factory=dict)
    values: int = 0

    @classmethod
    def of(
        cls,
        reference_values: Sequence[float] | Floats,
        settings: ThresholdSettings | None = None,
        *,
        at: Sequence[datetime] | None = None,
    ) -> Limits:
        """Limits from what a metric was.

        Args:
            reference_values: (n,) its values, on chunks of the reference (`chunk_values`) or in past windows of the
                same size; NaN and infinities are left out. Not read for constant limits.
            settings: By which rule.
            at: When they are from, n aware moments; without them there is no season.

        Raises:
            InvalidInputError: Fewer than three values, or other numbers of values and moments.
            MissingExtraError: The method is `deviations`, and SciPy is not installed.
        """
        chosen = settings or ThresholdSettings()
        if chosen.method is ThresholdMethod.CONSTANT:
            return cls(low=chosen.low, high=chosen.high)
        every = np.asarray(reference_values, dtype=np.float64)
        if at is not None and len(at) != every.size:
            raise InvalidInputError(f"Expected as many moments as values, found {len(at)} and {every.size}.")
        known = np.isfinite(every)
        values = every[known]
        if values.size < LEAST_VALUES:
            raise InvalidInputError(
                f"Expected at least {LEAST_VALUES} values of the metric to set limits by, found {values.size}.",
                hint="Give constant limits, or wait for more windows.",
            )
        moments = [] if at is None else [moment for moment, one in zip(at, known, strict=True) if one]
        season = usable_season(moments, chosen.season)
        low, high = _whole(values, chosen)
        parts = buckets(moments, season) if season is not Season.NONE else None
        return cls(
            low=low,
            high=high,
            season=season,
            seasonal={} if parts is None else _by_bucket(values, parts, chosen),
            values=values.size,
        )

    def judge(self, value: float, at: datetime | None = None) -> Judgement:
        """Hold a value against the limits of its moment; of a bucket that was never seen, against those of all.

        Raises:
            InvalidInputError: The moment has no time zone.
        """
        low, high = self.low, self.high
        if at is not None and self.season is not Season.NONE:
            low, high = self.seasonal.get(bucket(at, self.season), (low, high))
        outside: Literal["above", "below"] | None = None
        if not math.isnan(value):
            if high is not None and value > high:
                outside = "above"
            elif low is not None and value < low:
                outside = "below"
        return Judgement(value=value, low=low, high=high, outside=outside)


def _whole(values: Floats, settings: ThresholdSettings) -> Range:
    n = values.size
    if settings.method is ThresholdMethod.QUANTILES:
        low, high = np.quantile(values, settings.quantiles, method="weibull")
        return float(low), float(high)
    reach = _reach(settings.deviations, n - 1) * float(values.std(ddof=1)) * math.sqrt(1 + 1 / n)
    return float(values.mean()) - reach, float(values.mean()) + reach


def _by_bucket(values: Floats, parts: Codes, settings: ThresholdSettings) -> dict[int, Range]:
    names, place, counts = np.unique(parts, return_inverse=True, return_counts=True)
    means = np.bincount(place, weights=values) / counts
    residuals = values - means[place]
    if settings.method is ThresholdMethod.QUANTILES:
        # Each value beside the mean of the others of its bucket, as the next one will be.
        others = residuals * counts[place] / (counts[place] - 1)
        low, high = np.quantile(others, settings.quantiles, method="weibull")
        return {int(name): (float(mean + low), float(mean + high)) for name, mean in zip(names, means, strict=True)}
    degrees = values.size - names.size
    spread = math.sqrt(float(residuals @ residuals) / degrees) * _reach(settings.deviations, degrees)
    reach = spread * np.sqrt(1 + 1 / counts)
    return {
        int(name): (float(mean - width), float(mean + width))
        for name, mean, width in zip(names, means, reach, strict=True)
    }


def _reach(deviations: float, degrees: int) -> float:
    """As many deviations of Student's distribution as leave out what the given number of a normal one does."""
    try:
        from scipy.special import ndtr, stdtrit
    except ImportError as error:
        raise MissingExtraError("scipy", "sklearn") from error
    # By the lower tail: beyond 8 deviations the upper one is 1 in floating point.
    return float(-stdtrit(degrees, ndtr(-deviations)))
