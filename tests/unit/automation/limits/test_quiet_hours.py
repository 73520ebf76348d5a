from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from millwright.automation.limits.quiet_hours import QuietHours, quiet_until
from millwright.core.errors import InvalidInputError

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    """A moment by the clock on Berlin's walls."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "days", "start"),
    [
        ("22:00-06:00", range(7), time(22)),
        ("mon-fri 08:00-18:00", range(5), time(8)),
        ("sat,sun", (5, 6), time(0)),
        ("sat-mon 01:30-02:00", (5, 6, 0), time(1, 30)),
    ],
)
def test_text_gives_days_and_hours(text: str, days, start: time) -> None:
    found = QuietHours.parse(text)
    assert (found.days, found.start) == (frozenset(days), start)


@pytest.mark.parametrize("text", ["", "22-6", "moon 08:00-09:00", "25:00-26:00", "mon-fry", "08:61-09:00"])
def test_text_that_is_none_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(InvalidInputError, match=r"Write 22:00-06:00, mon-fri 08:00-18:00, or sat,sun\."):
        QuietHours.parse(text)


def test_hours_over_midnight_belong_to_the_day_on_which_they_begin() -> None:
    friday_night = QuietHours.parse("fri 22:00-06:00")
    assert friday_night.end_of(at("2026-01-16T23:00"), BERLIN) == at("2026-01-17T06:00")  # a Friday
    assert friday_night.end_of(at("2026-01-17T05:59"), BERLIN) == at("2026-01-17T06:00")
    assert friday_night.end_of(at("2026-01-17T06:00"), BERLIN) is None
    assert friday_night.end_of(at("2026-01-17T23:00"), BERLIN) is None


def test_clock_on_the_wall_counts_when_it_is_put_forward() -> None:
    # In the night to 29 March 2026 the hour from 2 to 3 is left out: eight hours on the wall are seven.
    night = QuietHours.parse("22:00-06:00")
    begins = datetime(2026, 3, 28, 21, tzinfo=UTC)
    assert night.end_of(begins, BERLIN) == datetime(2026, 3, 29, 4, tzinfo=UTC)


def test_hours_that_follow_one_another_are_one_rest() -> None:
    hours = [QuietHours.parse(text) for text in ("sat,sun", "mon 00:00-07:00", "fri 20:00-24:00")]
    assert quiet_until(hours, at("2026-01-16T21:00"), BERLIN) == at("2026-01-19T07:00")
    assert quiet_until(hours, at("2026-01-19T07:00"), BERLIN) is None
    assert quiet_until([], at("2026-01-19T07:00"), BERLIN) is None


def test_quiet_week_ends_sometime() -> None:
    assert quiet_until([QuietHours.parse("mon-sun")], at("2026-01-16T21:00"), BERLIN) is not None
