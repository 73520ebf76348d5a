from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from millwright.data.profiles.column_values import ColumnValues
from millwright.data.profiles.record import ProfileKind


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([3.5, None, -0.0, 0.0, float("nan"), float("inf")], pl.Float64),
        ([3, None, -2, 3], pl.Int64),
        ([3, 2, 2], pl.Int8),
        ([2**64 - 1, 5], pl.UInt64),
        ([2**100, -(2**100)], pl.Int128),
        ([Decimal("1.5"), Decimal("-1.5")], pl.Decimal(10, 2)),
        ([date(2024, 1, 2), None, date(2024, 1, 1)], pl.Date),
        ([datetime(2024, 1, 2), datetime(2024, 1, 1)], pl.Datetime("us")),  # noqa: DTZ001 - naive on purpose
        ([], pl.Float64),
    ],
)
def test_measured_values_are_sorted_and_counted_as_polars_has_them(values: list[Any], dtype: Any) -> None:
    column = pl.Series("a", values, dtype=dtype)
    present = column.drop_nulls().fill_nan(None).drop_nulls() if column.dtype.is_float() else column.drop_nulls()
    found = ColumnValues(column)
    assert found.ordered.equals(present.sort())
    assert (found.ordered.dtype, found.ordered.name) == (column.dtype, "a")
    assert found.distinct == present.n_unique()


def test_texts_have_sorted_lengths_and_counts() -> None:
    found = ColumnValues(pl.Series("a", ["bb", None, "a", "bb", ""], dtype=pl.Categorical))
    assert found.kind is ProfileKind.TEXT
    assert found.present.dtype == pl.String()
    assert found.lengths.tolist() == [0.0, 1.0, 2.0, 2.0]
    assert found.distinct == 3
    assert dict(found.counts.iter_rows()) == {"bb": 2, "a": 1, "": 1}
