from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.datasets.normal_form import column_schemas, to_normal_form

NOON = datetime(2024, 7, 1, 12)  # noqa: DTZ001 - naive on purpose


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pl.Series([255], dtype=pl.UInt8), pl.Series([255], dtype=pl.Int16)),
        (pl.Series([2**32 - 1], dtype=pl.UInt32), pl.Series([2**32 - 1], dtype=pl.Int64)),
        (pl.Series([2**64 - 1], dtype=pl.UInt64), pl.Series([2**64 - 1], dtype=pl.Decimal(20, 0))),
        (pl.Series(["a", None], dtype=pl.Categorical), pl.Series(["a", None])),
        (pl.Series(["a"], dtype=pl.Enum(["a", "b"])), pl.Series(["a"])),
        (pl.Series([None], dtype=pl.Null), pl.Series([None], dtype=pl.String)),
        (pl.Series([NOON], dtype=pl.Datetime("ns")), pl.Series([NOON], dtype=pl.Datetime("us"))),
        (
            pl.Series([NOON]).dt.replace_time_zone("America/New_York"),
            pl.Series([datetime(2024, 7, 1, 16, tzinfo=UTC)], dtype=pl.Datetime("us", "UTC")),
        ),
        (pl.Series([time(7, 5)]), pl.Series(["07:05:00"])),
        (pl.Series([timedelta(seconds=1)]), pl.Series([1_000_000])),
        (pl.Series([[1, 2]], dtype=pl.Array(pl.UInt8, 2)), pl.Series([[1, 2]], dtype=pl.List(pl.Int16))),
        (
            pl.Series([{"a": "x"}], dtype=pl.Struct({"a": pl.Categorical})),
            pl.Series([{"a": "x"}], dtype=pl.Struct({"a": pl.String})),
        ),
    ],
)
def test_types_that_delta_tables_lack_are_converted(column: pl.Series, expected: pl.Series) -> None:
    stored = to_normal_form(pl.DataFrame({"a": column}))
    assert stored.schema == {"a": expected.dtype}
    assert stored["a"].to_list() == expected.to_list()
    assert to_normal_form(stored).equals(stored)


def test_columns_whose_names_differ_in_case_only_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="found 'a' and 'A'"):
        to_normal_form(pl.DataFrame({"a": [1], "b": [1], "A": [1]}))


def test_table_without_columns_and_python_objects_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="a table with columns"):
        to_normal_form(pl.DataFrame())
    with pytest.raises(InvalidInputError, match="Python objects in 'a'"):
        to_normal_form(pl.DataFrame({"a": pl.Series([object()], dtype=pl.Object)}))


def test_value_that_fits_no_stored_type_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="values that a table can store"):
        to_normal_form(pl.DataFrame({"a": pl.Series([10**38], dtype=pl.Int128)}))


def test_column_schemas_tell_types_and_nulls() -> None:
    schemas = column_schemas(pl.DataFrame({"a": [1, None], "b": ["x", "y"]}))
    assert [(s.name, s.dtype, s.nullable) for s in schemas] == [("a", "Int64", True), ("b", "String", False)]
