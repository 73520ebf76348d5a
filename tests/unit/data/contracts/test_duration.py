from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.duration import parse_duration, write_duration


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("2d", timedelta(days=2)),
        ("36h", timedelta(hours=36)),
        (" 90 m ", timedelta(minutes=90)),
        ("1w", timedelta(weeks=1)),
        ("0.5s", timedelta(milliseconds=500)),
    ],
)
def test_span_is_read(text: str, span: timedelta) -> None:
    assert parse_duration(text) == span


@pytest.mark.parametrize("text", ["", "2", "d", "-2d", "0d", "2 days", "1e3s"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="Expected a span of time above zero"):
        parse_duration(text)


@given(st.integers(1, 10**15))
def test_written_span_is_read_as_the_same(micros: int) -> None:
    span = timedelta(microseconds=micros)
    assert parse_duration(write_duration(span)) == span


def test_span_is_written_in_the_largest_unit() -> None:
    assert [write_duration(timedelta(hours=hours)) for hours in (1, 24, 36, 168)] == ["1h", "1d", "36h", "1w"]
