"""The part of a period that a window is in, and the same part of others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from millwright.monitoring.threshold.season import PERIOD
from millwright.monitoring.threshold.settings import Season

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import NDArray

    from millwright.evaluation.metrics.sample import Codes
    from millwright.monitoring.threshold.season_settings import SeasonSettings

_DAY = timedelta(days=1)
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAMES = {
    Season.HOUR_OF_WEEK: "hour of the week",
    Season.HOUR_OF_DAY: "hour of the day",
    Season.DAY_OF_WEEK: "day of the week",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Phase:
    """A stretch of time that comes back each period.

    Attributes:
        name: As messages say it: `hour of the week`.
        start: Its first moment, in UTC.
        length: How long it is.
        period: After which it comes back, longer than 0.

    Examples:
        >>> night = Phase(name="", start=datetime(2026, 1, 5, 22, tzinfo=UTC), length=timedelta(hours=2), period=_DAY)
        >>> [f"{start:%d %H} to {end:%d %H}" for start, end in night.earlier(2)]
        ['04 22 to 05 00', '03 22 to 04 00']
    """

    name: str
    start: datetime
    length: timedelta
    period: timedelta

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole period: every part of the season is in it."""
        return self.length >= self.period

    def earlier(self, periods: int) -> list[tuple[datetime, datetime]]:
        """The same part of the periods before, first moment and last one (exclusive), the latest first."""
        starts = [self.start - number * self.period for number in range(1, periods + 1)]
        return [(start, start + self.length) for start in starts]

    def holds(self, at: pl.Series) -> tuple[NDArray[np.bool_], Codes]:
        """Which moments are in this part of their period.

        Args:
            at: (n,) Datetime in UTC, naive, to the microsecond; null is in no part.

        Returns:
            (n,) booleans, and (n,) numbers of the periods that the moments are in, 0 for that of the phase itself.
        """
        known = at.is_not_null().to_numpy()
        moments = at.to_physical().fill_null(0).to_numpy() - (self.start - _EPOCH) // _MICROSECOND
        period = self.period // _MICROSECOND
        return known & (np.mod(moments, period) < self.length // _MICROSECOND), np.floor_divide(moments, period)


def phases(settings: SeasonSettings, start: datetime, end: datetime, *, length: timedelta | None) -> Sequence[Phase]:
    """The parts of seasons that a window may be in, the finest first; of `auto` there are several.

    Args:
        settings: Which season.
        start: The window's first moment; aware.
        end: Its last one, exclusive.
        length: How long a window of this kind is; None where that is not known.
    """
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if settings.length is not None:
        return [Phase(name=f"part of {_words(settings.length)}", start=start, length=end - start,
                      period=settings.length)]  # fmt: skip
    if settings.windows is not None:
        if length is None:
            return []
        name = f"one of {settings.windows} windows"
        return [Phase(name=name, start=start, length=end - start, period=settings.windows * length)]
    tried = list(PERIOD) if settings.season is Season.AUTO else [settings.season]
    return [_named(season, start, end) for season in tried if season in PERIOD]


def _named(season: Season, start: datetime, end: datetime) -> Phase:
    if season is Season.DAY_OF_WEEK:  # all hours of a day are alike
        start = start.replace(hour=0, minute=0, second=0, microsecond=0)
        end = start + _DAY * (-(-(end - start) // _DAY))
    return Phase(name=_NAMES[season], start=start, length=end - start, period=PERIOD[season])


def _words(length: timedelta) -> str:
    seconds = length.total_seconds()
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} seconds"
