"""Which moments are alike.

A season counts when the history holds three periods of it: a deviation within a bucket is then known from at least two
differences, and one odd day is not taken for the rule.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from millwright.core.errors import InvalidInputError
from millwright.monitoring.threshold.settings import Season

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.evaluation.metrics.sample import Codes

PERIODS = 3
PERIOD: Mapping[Season, timedelta] = {
    Season.HOUR_OF_WEEK: timedelta(days=7),
    Season.HOUR_OF_DAY: timedelta(days=1),
    Season.DAY_OF_WEEK: timedelta(days=7),
}  # finest first


def bucket(moment: datetime, season: Season) -> int:
    """Which part of its period a moment is in: 0 to 23, 6 or 167; 0 for `NONE`.

    Raises:
        InvalidInputError: The moment has no time zone.
    """
    if moment.tzinfo is None:
        raise InvalidInputError(f"Expected a moment with a time zone, found {moment.isoformat()}.")
    known = moment.astimezone(UTC)
    if season is Season.HOUR_OF_DAY:
        return known.hour
    if season is Season.DAY_OF_WEEK:
        return known.weekday()
    return known.weekday() * 24 + known.hour if season is Season.HOUR_OF_WEEK else 0


def buckets(at: Sequence[datetime], season: Season) -> Codes:
    """(n,) `bucket` of each moment."""
    return np.array([bucket(moment, season) for moment in at], dtype=np.int64)


def usable_season(at: Sequence[datetime], wanted: Season) -> Season:
    """The season that a history bears.

    Args:
        at: When its values are from, in any order.
        wanted: One season, which is taken or left; or `AUTO`: the finest one that is borne.

    Returns:
        `NONE` where there are fewer than three periods, fewer than three values in some bucket that occurs, or a
        single bucket (of daily values all are of one hour).
    """
    tried = PERIOD if wanted is Season.AUTO else [wanted] if wanted in PERIOD else []
    return next((season for season in tried if _bears(at, season)), Season.NONE)


def _bears(at: Sequence[datetime], season: Season) -> bool:
    if len(at) < 2 * PERIODS:
        return False
    _, counts = np.unique(buckets(at, season), return_counts=True)
    moments = sorted(at)
    # The last value stands for a stretch of its own, as long as the usual distance.
    covered = (moments[-1] - moments[0]) * (len(at) / (len(at) - 1))
    return counts.size > 1 and int(counts.min()) >= PERIODS and covered >= PERIODS * PERIOD[season]
