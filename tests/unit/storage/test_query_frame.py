from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.storage.query_frame import frame_of, joined

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def column(*values: Any) -> pl.Series:
    return frame_of(["a"], [(value,) for value in values])["a"]


@pytest.mark.parametrize(
    ("values", "dtype", "stored"),
    [
        ((None, None), pl.Null, [None, None]),
        ((1, None), pl.Int64, [1, None]),
        ((2**70, 1), pl.Decimal(38, 0), [Decimal(2**70), Decimal(1)]),
        ((1, 2.5), pl.Float64, [1.0, 2.5]),
        ((Decimal("1.5"), Decimal("2.25"), 3), pl.Decimal(38, 2), [Decimal("1.50"), Decimal("2.25"), Decimal(3)]),
        ((True, None), pl.Boolean, [True, None]),
        ((memoryview(b"x"), b"y"), pl.Binary, [b"x", b"y"]),
        (([1, 2], None), pl.List(pl.Int64), [[1, 2], None]),
        (([{"b": 1, "a": 2}],), pl.String, ['[{"a": 2, "b": 1}]']),
        ((timedelta(days=1),), pl.Duration("us"), [timedelta(days=1)]),
        ((date(2026, 1, 2),), pl.Date, [date(2026, 1, 2)]),
    ],
)
def test_column_has_the_type_of_its_values(values: tuple[Any, ...], dtype: pl.DataType, stored: list[Any]) -> None:
    made = column(*values)
    assert made.dtype == dtype
    assert made.to_list() == stored


def test_aware_times_are_utc_whatever_their_zones() -> None:
    east = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    made = column(east, datetime(2026, 1, 1, 12, tzinfo=UTC), None)
    assert made.dtype == pl.Datetime("us", "UTC")
    assert made.to_list()[0] == east


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((1, "a"), "found int and str"),
        (
            (datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None), datetime(2026, 1, 1, tzinfo=UTC)),
            "times with a zone",
        ),
        ((Decimal("NaN"),), "found NaN or an infinity"),
        ((Decimal(10**38), Decimal("0.1")), "at most 38 digits"),
        (([1], [[1]]), "of one type|lists of different depths"),
    ],
)
def test_values_without_a_type_together_are_an_error(values: tuple[Any, ...], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        column(*values)


def test_no_rows_keep_the_columns() -> None:
    assert frame_of(["a", "b"], []).schema == {"a": pl.Null, "b": pl.Null}


def test_parts_are_joined_in_a_type_that_holds_both() -> None:
    parts = [frame_of(["a", "b"], [(None, Decimal("1.5"))]), frame_of(["a", "b"], [(1, Decimal("1.25"))])]
    whole = joined(parts)
    assert whole.rows() == [(None, Decimal("1.50")), (1, Decimal("1.25"))]
    with pytest.raises(InvalidInputError, match="column 'a'"):
        joined([frame_of(["a"], [(1,)]), frame_of(["a"], [("x",)]), frame_of(["a"], [(b"x",)])])
