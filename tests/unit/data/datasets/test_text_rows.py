from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.datasets.text_rows import typed_like


@pytest.mark.parametrize(
    ("texts", "dtype", "values"),
    [
        ([" 7 ", "", None, "-3"], pl.Int16(), [7, None, None, -3]),
        (["1e3", "0.5"], pl.Float64(), [1000.0, 0.5]),
        (["True", "0", "false "], pl.Boolean(), [True, False, False]),
        (["2026-01-31"], pl.Date(), [date(2026, 1, 31)]),
        (["2026-01-31T10:00:00Z"], pl.Datetime("us", "UTC"), [datetime(2026, 1, 31, 10, tzinfo=UTC)]),
        (["2026-01-31 10:00:00"], pl.Datetime("us"), [datetime(2026, 1, 31, 10)]),  # noqa: DTZ001 - naive on purpose
        ([" x "], pl.String(), [" x "]),
    ],
)
def test_texts_become_the_table_s_types(texts: list[Any], dtype: pl.DataType, values: list[Any]) -> None:
    found = typed_like(pl.DataFrame({"a": pl.Series(texts, dtype=pl.String)}), pl.Schema({"a": dtype}))
    assert found.schema["a"] == dtype
    assert found["a"].to_list() == values


def test_columns_that_are_no_text_or_unknown_stay() -> None:
    rows = pl.DataFrame({"a": [1], "b": ["x"], "c": ["[1]"]})
    assert typed_like(rows, pl.Schema({"a": pl.Float64(), "c": pl.List(pl.Int64)})).equals(rows)


@pytest.mark.parametrize("dtype", [pl.Int64(), pl.Float64(), pl.Boolean(), pl.Date(), pl.Datetime("us", "UTC")])
def test_text_that_is_no_value_is_told_with_its_row(dtype: pl.DataType) -> None:
    rows = pl.DataFrame({"a": [None, "soon", "later"]})
    with pytest.raises(InvalidInputError, match="in column 'a', found 'soon' in row 2 and 1 others"):
        typed_like(rows, pl.Schema({"a": dtype}))
