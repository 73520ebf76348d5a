"""A metric over time: trend, season, and what is left.

value = trend + season + rest. The trend is the mean of one whole period around each value (at the ends of the first
and the last one), which no season bends; the season the median of what is left at the same part of the **other**
periods; and a rest counts when it is large beside the median absolute deviation of all rests. It is done twice, the
second time with odd values drawn in to what was usual, and gaps filled with it, for the sake of the means. This is the
decomposition of STL (Cleveland and others, Journal of Official Statistics 6, 1990) with medians in place of local
regressions, and the test of Hochenbaum, Vallis and Kejariwal, Automatic anomaly detection in the cloud via statistical
learning, 2017. A value is left out of the median that it is held against: of three periods, a third of the values would
be medians themselves, rests of 0 that make all others look large.

A level that moves for good is odd at first, and part of the trend as soon as it has lasted half a period.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from millwright.core.errors import InvalidInputError
from millwright.evaluation.metrics.sample import Floats
from millwright.monitoring.anomaly.settings import SeriesSettings

if TYPE_CHECKING:
    from collections.abc import Sequence


_NORMAL = 1.4826  # of a normal distribution the standard deviation is so many median absolute deviations
_DRAWN_IN = 3.0  # standard deviations from what is usual, for the means of the second pass
_NEIGHBOURS = 6  # on each side, where there is no period


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SeriesAnomalies:
    """What of a series is odd.

    Attributes:
        odd: Positions of odd values, rising.
        scores: (n,) rests in robust standard deviations, signed; NaN where there is no value.
        usual: (n,) trend and season together; NaN where they cannot be told.
        seasonal: Whether a season was taken out.
    """

    odd: tuple[int, ...]
    scores: Floats
    usual: Floats
    seasonal: bool


def find_anomalies(
    values: Sequence[float] | Floats, period: int | None = None, settings: SeriesSettings | None = None
) -> SeriesAnomalies | None:
    """Look for odd values.

    Args:
        values: (n,) at even distances in time, NaN for gaps.
        period: How many of them make a season (24 hours of a day); None for none.
        settings: What counts.

    Returns:
        None with too few values. A series that hardly moves (no deviation in more than half of its values) has as its
        unit the mean absolute deviation, and none that is odd when it does not move at all.

    Raises:
        InvalidInputError: A period below 2.

    Examples:
        >>> import numpy as np
        >>> hours = np.arange(24 * 7)
        >>> requests = 100 + 50 * np.sin(hours / 24 * 2 * np.pi) + np.random.default_rng(0).normal(0, 3, hours.size)
        >>> requests[80] = 90
        >>> find_anomalies(requests, 24).odd
        (80,)
    """
    chosen = settings or SeriesSettings()
    if period is not None and period < 2:
        raise InvalidInputError(f"Expected a period of at least 2 values, found {period}.")
    series = np.asarray(values, dtype=np.float64)
    series = np.where(np.isfinite(series), series, np.nan)
    present = np.isfinite(series)
    if int(present.sum()) < chosen.min_values:
        return None
    seasonal = period is not None and int(present.sum()) >= chosen.min_periods * period
    if seasonal and period is not None:
        usual = _usual(series, np.where(present, series, _season(series, period)), period)
        reach = _DRAWN_IN * _unit(series - usual)
        calm = np.where(present, np.clip(series, usual - reach, usual + reach), usual)
        usual = _usual(series, calm, period)
    else:
        usual = _around(series, _NEIGHBOURS)
    rest = series - usual
    unit = _unit(rest)
    scores = rest / unit if unit > 0 else np.where(np.isfinite(rest), 0.0, np.nan)
    odd = np.flatnonzero(np.abs(np.nan_to_num(scores)) > chosen.limit)
    return SeriesAnomalies(odd=tuple(odd.tolist()), scores=scores, usual=usual, seasonal=seasonal)


def _usual(series: Floats, calm: Floats, period: int) -> Floats:
    """(n,) trend and season of a series; `calm` is the same one without what is odd in it, as far as that is known."""
    windows = np.lib.stride_tricks.sliding_window_view(calm, period)
    present = np.isfinite(windows)
    counts = present.sum(axis=1)
    means = np.where(present, windows, 0.0).sum(axis=1) / np.maximum(counts, 1)
    means[2 * counts < period] = np.nan
    trend = means[np.clip(np.arange(series.size) - period // 2, 0, means.size - 1)]
    usual: Floats = trend + _season(series - trend, period)
    return usual


def _season(rest: Floats, period: int) -> Floats:
    """(n,) the median at the same part of the other periods; NaN where there is none."""
    n = rest.size
    filled = np.concatenate([rest, np.full(-n % period, np.nan)]).reshape(-1, period)
    others = [_median(np.delete(filled, number, axis=0), axis=0) for number in range(len(filled))]
    return np.concatenate(others)[:n]


def _around(series: Floats, reach: int) -> Floats:
    """(n,) the median of so many values before and after each, without itself; fewer at the ends."""
    padding = np.full(reach, np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(np.concatenate([padding, series, padding]), 2 * reach + 1)
    return _median(np.delete(windows, reach, axis=1), axis=1)


def _median(values: Floats, *, axis: int) -> Floats:
    """Without NaN; NaN where there is nothing else, and no warning about it."""
    ordered = np.sort(values, axis=axis)  # NaN come last
    counts = np.isfinite(values).sum(axis=axis)
    low, high = np.maximum(counts - 1, 0) // 2, np.minimum(counts // 2, np.maximum(counts - 1, 0))
    pick = [np.take_along_axis(ordered, np.expand_dims(place, axis), axis).squeeze(axis) for place in (low, high)]
    return np.where(counts > 0, (pick[0] + pick[1]) / 2, np.nan)


def _unit(rest: Floats) -> float:
    """A robust standard deviation; 0 for rests that are all the same, or none."""
    known = rest[np.isfinite(rest)]
    if not known.size:
        return 0.0
    distance = np.abs(known - np.median(known))
    return float(_NORMAL * np.median(distance) or distance.mean() * np.sqrt(np.pi / 2))
