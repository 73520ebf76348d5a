from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from millwright.core.plain_time import told_length, told_moment


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(0), "0 seconds"),
        (timedelta(seconds=0.25), "0.25 seconds"),
        (timedelta(seconds=1), "1 second"),
        (timedelta(seconds=90), "90 seconds"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(hours=24), "1 day"),
        (timedelta(hours=36), "36 hours"),
        (timedelta(weeks=2), "14 days"),
        (timedelta(days=4000), "4,000 days"),
        (timedelta(hours=1, seconds=1), "60 minutes"),
        (timedelta(days=3, hours=5, seconds=7), "3.21 days"),
    ],
)
def test_length_is_told_in_the_unit_that_people_would_choose(length: timedelta, text: str) -> None:
    assert told_length(length) == text


def test_moment_is_told_in_utc_whatever_its_zone() -> None:
    assert told_moment(datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)) == "2026-01-02 03:04:05 UTC"
    east = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=5)))
    assert told_moment(east) == "2026-01-01 22:04:05 UTC"
