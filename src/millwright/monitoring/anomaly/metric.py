"""The metric of a check beside those of the checks before it, with trend and season."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from millwright.monitoring.anomaly.series import find_anomalies
from millwright.monitoring.anomaly.settings import SeriesSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.evaluation.metrics.sample import Floats

_MOST = 1_000  # checks that are looked back at
_SEASONS = (timedelta(weeks=1), timedelta(days=1))  # the longest that the past is long enough for
_EVEN = 0.02  # a season is a whole number of distances between checks, but for this


@dataclass(frozen=True, kw_only=True, slots=True)
class OddMetric:
    """A metric beside its past.

    Attributes:
        value: Of this check.
        usual: What trend and season of the past would have it be.
        score: The difference in robust standard deviations, signed.
        limit: The score beyond which it is odd.
        checks: Checks that it was compared with.
        seasonal: Whether a season was taken out.
    """

    value: float
    usual: float
    score: float
    limit: float
    checks: int
    seasonal: bool

    @property
    def is_odd(self) -> bool:
        """Whether it is beyond the limit, on either side."""
        return abs(self.score) > self.limit


def compare_with_past(
    value: float, at: datetime, past: Sequence[tuple[datetime, float]], settings: SeriesSettings | None = None
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
        None with too few checks.
    """
    chosen = settings or SeriesSettings()
    known = sorted((moment, each) for moment, each in past if moment < at)[-_MOST:]
    if len(known) + 1 < chosen.min_values:
        return None
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
    for season in _SEASONS:
        periods = season.total_seconds() / distance
        whole = round(periods)
        if whole >= 2 and abs(periods - whole) <= _EVEN * periods and size >= settings.min_periods * whole:
            return whole
    return None
