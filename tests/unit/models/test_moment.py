# ruff: noqa: DTZ001 - naive on purpose
from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from millwright.models.moment import days_since_epoch, parse_moment


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-31", datetime(2026, 1, 31)),
        ("2026-01-31T12:30:00Z", datetime(2026, 1, 31, 12, 30)),
        ("2026-01-31T12:30:00+02:00", datetime(2026, 1, 31, 10, 30)),
        (date(2026, 1, 31), datetime(2026, 1, 31)),
        (datetime(2026, 1, 31, 5, tzinfo=UTC), datetime(2026, 1, 31, 5)),
        (datetime(2026, 1, 31, 5, tzinfo=timezone(timedelta(hours=-5))), datetime(2026, 1, 31, 10)),
    ],
)
def test_moment_is_naive_utc_when_it_is_a_date(value: object, expected: datetime) -> None:
    assert parse_moment(value) == expected


@pytest.mark.parametrize("value", ["31/01/2026", "", "yesterday", 20_000, None, "0001-01-01T00:00:00+14:00", [1]])
def test_moment_is_none_when_it_is_no_date(value: object) -> None:
    assert parse_moment(value) is None


def test_days_count_from_1970_with_the_time_as_fraction() -> None:
    assert days_since_epoch(datetime(1970, 1, 2, 12)) == 1.5
    assert days_since_epoch(datetime(1969, 12, 31)) == -1.0
