"""Times of cron expressions, in time zones whose clocks are put forward and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.automation.schedules.cron import check_cron, next_time, times_until
from millwright.core.errors import InvalidInputError

BERLIN = "Europe/Berlin"


def following(expression: str, tz: str, after: datetime, count: int) -> list[str]:
    found = []
    for _ in range(count):
        moment = next_time(expression, tz, after)
        assert moment is not None
        assert moment > after
        assert moment.tzinfo is UTC
        found.append(f"{moment:%d %H:%M}")
        after = moment
    return found


def test_times_are_meant_in_the_time_zone():
    assert following("0 2 * * *", "UTC", datetime(2026, 1, 1, tzinfo=UTC), 2) == ["01 02:00", "02 02:00"]
    assert following("0 2 * * *", BERLIN, datetime(2026, 1, 1, tzinfo=UTC), 2) == ["01 01:00", "02 01:00"]
    assert following("0 2 * * *", "America/New_York", datetime(2026, 1, 1, tzinfo=UTC), 1) == ["01 07:00"]


def test_time_in_the_hour_that_clocks_leave_out_comes_right_after_it():
    # On 29 March 2026 02:00 to 03:00 does not exist in Berlin.
    since = datetime(2026, 3, 28, tzinfo=UTC)
    assert following("30 2 * * *", BERLIN, since, 3) == ["28 01:30", "29 01:00", "30 00:30"]
    assert following("15,45 2 * * *", BERLIN, since, 4) == ["28 01:15", "28 01:45", "29 01:00", "30 00:15"]


def test_time_in_the_hour_that_comes_twice_comes_once():
    # On 25 October 2026 02:00 to 03:00 comes twice in Berlin: from 00:00 and from 01:00 UTC.
    since = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert following("30 2 * * *", BERLIN, since, 3) == ["25 00:30", "26 01:30", "27 01:30"]
    second_time = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    assert following("30 2 * * *", BERLIN, second_time, 1) == ["26 01:30"]


def test_every_hour_counts_twice_when_it_comes_twice():
    since = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)
    hours = ["24 23:00", "25 00:00", "25 01:00", "25 02:00"]
    assert following("0 * * * *", BERLIN, since, 4) == hours


def test_missed_times_are_the_newest_in_order():
    since, until = datetime(2026, 1, 1, 2, tzinfo=UTC), datetime(2026, 1, 5, 2, tzinfo=UTC)
    every = times_until("0 2 * * *", "UTC", since, until, most=99)
    assert [moment.day for moment in every] == [1, 2, 3, 4, 5]
    assert times_until("0 2 * * *", "UTC", since, until, most=2) == every[-2:]
    assert times_until("0 2 * * *", "UTC", since, since - timedelta(seconds=1), most=2) == []


def test_missed_times_of_every_second_are_found_without_counting_them_all():
    since, until = datetime(2020, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    found = times_until("* * * * * *", BERLIN, since, until, most=3)
    assert found == [until - timedelta(seconds=2), until - timedelta(seconds=1), until]


@given(
    st.sampled_from(["30 2 * * *", "0 * * * *", "15,45 1-3 * * *", "*/20 * * * *", "0 3 * * 0", "* * * * *"]),
    st.sampled_from(["UTC", BERLIN, "America/New_York", "Australia/Lord_Howe"]),
    st.sampled_from(
        [datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 10, 23, tzinfo=UTC), datetime(2026, 4, 3, tzinfo=UTC)]
    ),
    st.integers(0, 5 * 24 * 60),
    st.integers(1, 600),
)
def test_missed_times_are_those_that_would_have_come(expression, tz, day, minutes, length):
    since = day + timedelta(minutes=minutes)
    until = since + timedelta(minutes=length)
    forward, moment = [], next_time(expression, tz, since)
    while moment is not None and moment <= until:
        forward.append(moment)
        moment = next_time(expression, tz, moment)
    assert times_until(expression, tz, since + timedelta(seconds=1), until, most=10_000) == forward


def test_names_and_blanks_are_written_out():
    assert check_cron("  0  2 * * * ", "UTC") == "0 2 * * *"
    assert check_cron("@Daily", BERLIN) == "0 0 * * *"
    assert check_cron("30 0 2 * * MON", "UTC") == "30 0 2 * * MON"


@pytest.mark.parametrize("expression", ["", "0 2 * *", "61 * * * *", "0 2 30 2 *", "often", "@reboot", "* * * * * * *"])
def test_expression_that_is_none_is_refused_with_an_example(expression):
    with pytest.raises(InvalidInputError, match=r"cron expression.*0 2 \* \* \*"):
        check_cron(expression, "UTC")


@pytest.mark.parametrize("tz", ["Europe/Berln", "", "../etc/passwd", "Mars"])
def test_unknown_time_zone_is_refused(tz):
    with pytest.raises(InvalidInputError, match="no time zone"):
        check_cron("0 2 * * *", tz)


def test_local_days_of_a_year_each_have_one_night():
    moment, days = datetime(2025, 12, 31, 12, tzinfo=UTC), []
    while (moment := next_time("30 2 * * *", BERLIN, moment)) < datetime(2027, 1, 1, tzinfo=UTC):
        days.append(moment.astimezone(ZoneInfo(BERLIN)).date())
    assert len(days) == len(set(days)) == 365
