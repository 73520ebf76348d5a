from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.engines.portable_form import portable_schema, to_portable_form

NOON = datetime(2026, 1, 5, 12)  # noqa: DTZ001 (naive on purpose)


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        (pl.Series([1, None], dtype=pl.UInt8), pl.Series([1, None], dtype=pl.Int64)),
        (pl.Series([1.5], dtype=pl.Float32), pl.Series([1.5], dtype=pl.Float64)),
        (pl.Series([Decimal("1.25")]), pl.Series([1.25])),
        (pl.Series([NOON]), pl.Series([NOON.replace(tzinfo=UTC)], dtype=pl.Datetime("us", "UTC"))),
        (
            pl.Series([NOON]).dt.replace_time_zone("America/New_York"),
            pl.Series([NOON.replace(hour=17, tzinfo=UTC)], dtype=pl.Datetime("us", "UTC")),
        ),
        (pl.Series(["a"], dtype=pl.Categorical), pl.Series(["a"])),
        (pl.Series(["a"], dtype=pl.Enum(["a"])), pl.Series(["a"])),
        (pl.Series([None, None]), pl.Series([None, None], dtype=pl.String)),
        (pl.Series([time(1, 2, 3)]), pl.Series(["01:02:03"])),
        (pl.Series([timedelta(seconds=1)]), pl.Series([1_000_000])),
        (pl.Series([[1, None]], dtype=pl.List(pl.Int8)), pl.Series([[1, None]], dtype=pl.List(pl.Int64))),
        (pl.Series([{"a": 1}], dtype=pl.Struct({"a": pl.Int8})), pl.Series([{"a": 1}])),
    ],
)
def test_each_type_has_one_form(series: pl.Series, expected: pl.Series) -> None:
    frame = series.alias("x").to_frame().lazy()
    once = to_portable_form(frame).collect()
    assert once["x"].equals(expected.alias("x"), null_equal=True, check_dtypes=True)
    assert once.schema == portable_schema(frame.collect_schema())
    assert to_portable_form(once.lazy()).collect().equals(once)


@pytest.mark.parametrize("dtype", [pl.Int128, pl.UInt128, pl.Object])
def test_what_others_cannot_hold_is_refused(dtype: Any) -> None:
    with pytest.raises(InvalidInputError, match="The column 'x' holds"):
        to_portable_form(pl.LazyFrame(schema={"x": dtype}))


def test_names_that_differ_in_case_only_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="found 'Id' and 'ID'"):
        to_portable_form(pl.LazyFrame({"Id": [1], "ID": [2]}))
