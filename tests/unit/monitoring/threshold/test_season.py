from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from millwright.core.errors import InvalidInputError
from millwright.monitoring.threshold import Season
from millwright.monitoring.threshold.season import bucket, usable_season

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


def every(hours: int, days: int) -> list[datetime]:
    return [MONDAY + timedelta(hours=hour) for hour in range(0, days * 24, hours)]


@pytest.mark.parametrize(
    ("season", "expected"),
    [(Season.HOUR_OF_DAY, 23), (Season.DAY_OF_WEEK, 1), (Season.HOUR_OF_WEEK, 47), (Season.NONE, 0)],
)
def test_bucket_is_that_of_utc(season: Season, expected: int):
    ahead = timezone(timedelta(hours=2))
    assert bucket(datetime(2026, 1, 7, 1, tzinfo=ahead), season) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (every(1, 2), Season.NONE),
        (every(1, 3), Season.HOUR_OF_DAY),
        (every(1, 20), Season.HOUR_OF_DAY),
        (every(1, 21), Season.HOUR_OF_WEEK),
        (every(24, 21), Season.HOUR_OF_WEEK),
        (every(24 * 7, 70), Season.NONE),
        ([], Season.NONE),
    ],
)
def test_finest_season_is_taken_that_three_periods_are_known_of(at: list[datetime], expected: Season):
    assert usable_season(at, Season.AUTO) is expected


def test_season_that_is_asked_for_is_left_when_the_history_is_too_short():
    assert usable_season(every(1, 20), Season.DAY_OF_WEEK) is Season.NONE
    assert usable_season(every(1, 21), Season.DAY_OF_WEEK) is Season.DAY_OF_WEEK
    assert usable_season(every(1, 21), Season.NONE) is Season.NONE


def test_moment_without_a_zone_is_refused():
    with pytest.raises(InvalidInputError, match="time zone"):
        bucket(datetime(2026, 1, 1), Season.NONE)  # noqa: DTZ001
