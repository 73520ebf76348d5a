"""Moments of any kind as microseconds in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.features.moment import as_moment

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        (pl.Series([date(2026, 7, 1)]), NOON.replace(hour=0)),
        (pl.Series([NOON.replace(tzinfo=None)]), NOON),
        (pl.Series([NOON.replace(tzinfo=None)], dtype=pl.Datetime("ns")), NOON),
        (pl.Series([NOON], dtype=pl.Datetime("ms", "UTC")), NOON),
        (pl.Series([NOON.replace(tzinfo=None)]).dt.replace_time_zone("Europe/Berlin"), NOON.replace(hour=10)),
    ],
)
def test_moment_is_in_utc(given, moment) -> None:
    frame = given.to_frame("at").select(as_moment("at", given.dtype, "the rows"))
    assert frame.schema["at"] == pl.Datetime("us", "UTC")
    assert frame["at"].to_list() == [moment]


def test_text_is_no_moment() -> None:
    with pytest.raises(InvalidInputError, match="in the column 'at' of the rows, found String"):
        as_moment("at", pl.String(), "the rows")
