"""Which season a window is judged by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from millwright.core.errors import InvalidInputError, closest
from millwright.monitoring.threshold.season import PERIODS
from millwright.monitoring.threshold.settings import Season

_WINDOWS = re.compile(r"(\d+)\s*windows?")
_MOST_PERIODS = 52


@dataclass(frozen=True, kw_only=True, slots=True)
class SeasonSettings:
    """Which moments are alike, and where it is learned what they look like.

    Attributes:
        season: By the clock of UTC: `auto` is the finest one of which three periods are known.
        length: Of a period, in place of `season`: 8 hours for shifts.
        windows: Likewise, in windows: with 7, every seventh is alike. ≥ 2.
        column: Where the reference has the moments of its rows: a date that the model takes, or a column of the dataset
            that is compared with. Empty for none: the season is then learned from the prediction log.
        periods: At most so many periods before the window are read from the log, 3 to 52.
        without: Columns that are held against all of the reference, whatever the season.
        false_discovery_rate: Expected share of false alarms among columns, in place of `DriftSettings`' where that is
            larger: rows of one part of the season are few, so that distances are large by chance and hold back less.

    Raises:
        InvalidInputError: A number outside its range, or more than one of season, length and windows.
    """

    season: Season = Season.NONE
    length: timedelta | None = None
    windows: int | None = None
    column: str = ""
    periods: int = 6
    without: frozenset[str] = frozenset()
    false_discovery_rate: float = 0.01

    def __post_init__(self) -> None:
        if (self.season is not Season.NONE) + (self.length is not None) + (self.windows is not None) > 1:
            raise InvalidInputError("Expected one of season, length and windows, found several.")
        if self.length is not None and self.length <= timedelta(0):
            raise InvalidInputError(
                f"Expected a period longer than nothing, found {self.length.total_seconds():g} seconds."
            )
        if self.windows is not None and self.windows < 2:
            raise InvalidInputError(f"Expected a period of at least 2 windows, found {self.windows}.")
        if not 0 < self.false_discovery_rate < 1:
            raise InvalidInputError(
                f"Expected a false discovery rate above 0 and below 1, found {self.false_discovery_rate}."
            )
        if not PERIODS <= self.periods <= _MOST_PERIODS:
            raise InvalidInputError(f"Expected {PERIODS} to {_MOST_PERIODS} periods, found {self.periods}.")

    @property
    def enabled(self) -> bool:
        """Whether any season is told apart."""
        return self.season is not Season.NONE or self.length is not None or self.windows is not None


def read_season(text: str) -> tuple[Season, int | None]:
    """A season's name, or `N windows`; durations are the caller's.

    Returns:
        The season, and the number of windows: `NONE` with one, None with a season.

    Raises:
        InvalidInputError: It is neither; says what can be written.

    Examples:
        >>> read_season("7 windows")
        (<Season.NONE: 'none'>, 7)
    """
    matched = _WINDOWS.fullmatch(text.strip())
    if matched:
        return Season.NONE, int(matched[1])
    names = [season.value for season in Season]
    if text not in names:
        hint = closest(text, names) or f"Known: {', '.join(names)}."
        raise InvalidInputError(
            f"Expected a season, a duration such as 8h, or a period such as '7 windows', found '{text}'.", hint=hint
        )
    return Season(text), None
