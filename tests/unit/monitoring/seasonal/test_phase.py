from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from millwright.monitoring.seasonal.phase import Phase, phases
from millwright.monitoring.threshold import Season, SeasonSettings

SUNDAY = datetime(2026, 1, 11, 22, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_same_part_of_other_weeks_is_held_and_nothing_else():
    [phase] = phases(SeasonSettings(season=Season.HOUR_OF_WEEK), SUNDAY, SUNDAY + HOUR, length=HOUR)
    at = pl.Series([
        SUNDAY - 7 * DAY, SUNDAY - 7 * DAY + HOUR, SUNDAY - 14 * DAY + HOUR / 2, SUNDAY - DAY, SUNDAY + 7 * DAY, None,
    ]).dt.replace_time_zone(None)  # fmt: skip
    mask, periods = phase.holds(at)
    assert mask.tolist() == [True, False, True, False, True, False]
    assert periods[mask].tolist() == [-1, -2, 1]
    assert phase.earlier(2) == [
        (SUNDAY - 7 * DAY, SUNDAY - 7 * DAY + HOUR),
        (SUNDAY - 14 * DAY, SUNDAY - 14 * DAY + HOUR),
    ]


def test_part_may_reach_into_the_next_period():
    night = Phase(name="", start=datetime(2026, 1, 5, 23, tzinfo=UTC), length=2 * HOUR, period=DAY)
    at = pl.Series([SUNDAY.replace(hour=hour, tzinfo=None) for hour in range(24)], dtype=pl.Datetime("us"))
    assert [hour for hour, held in enumerate(night.holds(at)[0]) if held] == [0, 23]


def test_all_hours_of_a_day_of_the_week_are_alike():
    [phase] = phases(SeasonSettings(season=Season.DAY_OF_WEEK), SUNDAY, SUNDAY + HOUR, length=HOUR)
    assert (phase.start, phase.length, phase.period) == (SUNDAY.replace(hour=0), DAY, 7 * DAY)
    [over] = phases(SeasonSettings(season=Season.DAY_OF_WEEK), SUNDAY, SUNDAY + 3 * HOUR, length=HOUR)
    assert over.length == 2 * DAY


def test_seasons_are_tried_finest_first_and_a_whole_period_is_none():
    found = phases(SeasonSettings(season=Season.AUTO), SUNDAY, SUNDAY + DAY, length=DAY)
    assert [phase.name for phase in found] == ["hour of the week", "hour of the day", "day of the week"]
    assert [phase.is_whole for phase in found] == [False, True, False]


def test_period_in_windows_is_as_long_as_so_many():
    [phase] = phases(SeasonSettings(windows=7), SUNDAY, SUNDAY + HOUR / 2, length=HOUR)
    assert (phase.period, phase.length, phase.name) == (7 * HOUR, HOUR / 2, "one of 7 windows")
    assert phases(SeasonSettings(windows=7), SUNDAY, SUNDAY + HOUR, length=None) == []
    [shift] = phases(SeasonSettings(length=8 * HOUR), SUNDAY, SUNDAY + HOUR, length=None)
    assert shift.name == "part of 8 hours"
