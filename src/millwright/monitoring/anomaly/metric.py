"""The metric of a check beside those of the checks before it: by trend and season, or by limits of its season."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from millwright.monitoring.anomaly.series import find_anomalies
from millwright.monitoring.anomaly.settings import PastSettings, SeriesSettings
from millwright.monitoring.threshold.limit import Limits
from millwright.monitoring.threshold.settings import Season

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.evaluation.metrics.sample import Floats
    from millwright.monitoring.threshold.settings import ThresholdSettings

_MOST = 1_000  # checks that are looked back at
_WEEK, _DAY = timedelta(weeks=1), timedelta(days=1)
_SEASONS = {
    Season.AUTO: (_WEEK, _DAY),  # the longest that the past is long enough for
    Season.HOUR_OF_DAY: (_DAY,),
    Season.DAY_OF_WEEK: (_WEEK,),
    Season.HOUR_OF_WEEK: (_WEEK,),
    Season.NONE: (),
}
_EVEN = 0.02  # a season is a whole number of distances between checks, but for this


@dataclass(frozen=True, kw_only=True, slots=True)
class OddMetric:
    """A metric beside its past.

    Attributes:
        value: Of this check.
        usual: What trend and season of the past would have it be; of limits, what is midway between them.
        score: The difference in robust standard deviations, signed; of limits, in shares of the way to them.
        limit: The score beyond which it is odd.
        checks: Checks that it was compared with.
        seasonal: Whether a season was taken out, or told apart.
        low: The lower limit; None where trend and season tell what is usual.
        high: The upper one.
    """

    value: float
    usual: float
    score: float
    limit: float
    checks: int
    seasonal: bool
    low: float | None = None
    high: float | None = None

    @property
    def is_odd(self) -> bool:
        """Whether it is beyond the limit, on either side."""
        return abs(self.score) > self.limit


def compare_with_past(
    value: float, at: datetime, past: Sequence[tuple[datetime, float]], settings: PastSettings | None = None
) -> OddMetric | None:
    """Compare a check's metric with those of earlier checks.

    Checks are brought to even distances, those between two of them: of several at one place the last counts, and
    where there is none is a gap.

    Args:
        value: The metric now; finite.
        at: When its window ended.
        past: When earlier windows ended, and their metric, in any order; those that are not earlier are left out.
        settings: What counts.

    Returns:
        None with too few checks, or limits that leave no room: of a metric that never moved.
    """
    chosen = settings or PastSettings()
    known = sorted((moment, each) for moment, each in past if moment < at)[-_MOST:]
    if not chosen.enabled or len(known) + 1 < chosen.series.min_values:
        return None
    if chosen.limits is not None:
        return _beside_limits(value, at, known, chosen.limits)
    return _beside_series(value, at, known, chosen.series)


def _beside_limits(
    value: float, at: datetime, known: Sequence[tuple[datetime, float]], settings: ThresholdSettings
) -> OddMetric | None:
    moments, values = [moment for moment, _ in known], [each for _, each in known]
    limits = Limits.of(values, settings, at=moments)
    found = limits.judge(value, at)
    if found.low is None or found.high is None or not found.low < found.high:
        return None
    middle = (found.low + found.high) / 2
    return OddMetric(
        value=value,
        usual=middle,
        score=(value - middle) / (found.high - middle),
        limit=1.0,
        checks=len(known),
        seasonal=limits.season is not Season.NONE,
        low=found.low,
        high=found.high,
    )


def _beside_series(
    value: float, at: datetime, known: Sequence[tuple[datetime, float]], chosen: SeriesSettings
) -> OddMetric | None:
    moments = [moment for moment, _ in known] + [at]
    distance = _distance(moments)
    if distance <= 0:
        return None
    series = _even(moments, [each for _, each in known] + [value], distance)
    found = find_anomalies(series, _period(distance, series.size, chosen), chosen)
    if found is None or not np.isfinite(found.scores[-1]):
        return None
    return OddMetric(
        value=value,
        usual=float(found.usual[-1]),
        score=float(found.scores[-1]),
        limit=chosen.limit,
        checks=len(known),
        seasonal=found.seasonal,
    )


def _distance(moments: Sequence[datetime]) -> float:
    """Seconds between two checks, as most are apart."""
    return float(np.median(np.diff([moment.timestamp() for moment in moments])))


def _even(moments: Sequence[datetime], values: Sequence[float], distance: float) -> Floats:
    last = moments[-1].timestamp()
    back = [round((last - moment.timestamp()) / distance) for moment in moments]
    series = np.full(min(max(back), _MOST) + 1, np.nan)
    for place, value in zip(back, values, strict=True):
        if place < series.size:
            series[series.size - 1 - place] = value
    return series


def _period(distance: float, size: int, settings: SeriesSettings) -> int | None:
    for season in _SEASONS[settings.season]:
        periods = season.total_seconds() / distance
        whole = round(periods)
        if whole >= 2 and abs(periods - whole) <= _EVEN * periods and size >= settings.min_periods * whole:
            return whole
    return None
