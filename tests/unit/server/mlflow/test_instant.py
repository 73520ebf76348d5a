from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from millwright.server.mlflow.failure import WireError
from millwright.server.mlflow.instant import duration, duration_of, moment_of, timestamp


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
        ("2025-01-01T00:00:00.1239Z", "2025-01-01T00:00:00.123Z"),
        ("2025-01-01T01:30:00+01:00", "2025-01-01T00:30:00Z"),
        ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
    ],
)
def test_moment_is_kept_to_the_millisecond(text: str, again: str) -> None:
    assert timestamp(moment_of(text, "t")) == again


def test_timestamp_is_in_utc() -> None:
    at = datetime(2025, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    assert timestamp(at) == "2024-12-31T22:00:00Z"
    assert timestamp(datetime(1, 1, 1, tzinfo=UTC)) == "0001-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "text", ["yesterday", "2025-01-01T00:00:00", "2025-13-01T00:00:00Z", "0001-01-01T00:00:00+02:00"]
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(WireError, match="'request_time' supplied: Expected a time"):
        moment_of(text, "request_time")


@pytest.mark.parametrize(
    ("text", "milliseconds", "again"),
    [("0s", 0, "0s"), ("1.5s", 1500, "1.500s"), ("3s", 3000, "3s"), ("-0.0019s", -1, "-0.001s")],
)
def test_duration_is_kept_to_the_millisecond(text: str, milliseconds: int, again: str) -> None:
    assert duration_of(text, "d") == milliseconds
    assert duration(milliseconds) == again


@pytest.mark.parametrize("text", ["", "1", "1.5", "s", "1e3s", "9999999999999s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(WireError, match=r"such as 1\.5s"):
        duration_of(text, "d")
