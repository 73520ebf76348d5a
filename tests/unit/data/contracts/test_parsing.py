from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.column import ColumnContract, ColumnType
from millwright.data.contracts.contract import Contract, ExtraColumns
from millwright.data.contracts.parsing import ParsedTable, parse_columns

NOON = datetime(2024, 1, 2, 12)  # noqa: DTZ001 - naive on purpose


def column(kind: str, name: str = "a", **expectations: Any) -> ColumnContract:
    return ColumnContract(name=name, type=ColumnType(kind), **expectations)


def contract(*columns: ColumnContract, **parts: Any) -> Contract:
    return Contract(name="t", columns=columns, **parts)


def parse(values: Any, kind: str, dtype: Any = pl.String, **expectations: Any) -> ParsedTable:
    raw = pl.DataFrame({"a": pl.Series(values, dtype=dtype)})
    return parse_columns(raw, contract(column(kind, **expectations)))


@pytest.mark.parametrize(
    ("kind", "values", "expected", "dtype"),
    [
        ("string", [" a ", "", "  ", None, "x"], [" a ", None, None, None, "x"], pl.String),
        ("category", [" a ", "", None], ["a", None, None], pl.String),
        ("integer", [" 7", "7.0", "-1", ""], [7, 7, -1, None], pl.Int64),
        ("number", ["1.5", " 2 ", None], [1.5, 2, None], pl.Float64),
        ("boolean", ["Yes", "0", ""], [True, False, None], pl.Boolean),
        ("date", ["2024-01-02", ""], [date(2024, 1, 2), None], pl.Date),
        ("datetime", ["2024-01-02 12:00", ""], [NOON, None], pl.Datetime("us")),
    ],
)
def test_text_is_parsed_to_the_contracts_type(kind: str, values: list[Any], expected: list[Any], dtype: Any) -> None:
    table = parse(values, kind)
    assert table.frame.schema == {"a": dtype}
    assert table.frame["a"].to_list() == expected
    assert table.unparsed == {}


@pytest.mark.parametrize("kind", ["integer", "number", "boolean", "date", "datetime"])
def test_value_that_cannot_be_parsed_is_null_and_marked(kind: str) -> None:
    table = parse(["what?", "", None], kind)
    assert table.frame["a"].to_list() == [None, None, None]
    assert table.unparsed["a"].to_list() == [True, False, False]


@pytest.mark.parametrize(
    ("kind", "values", "dtype", "expected"),
    [
        ("string", [1, None], pl.Int64, ["1", None]),
        ("string", ["x", ""], pl.Categorical, ["x", None]),
        ("integer", [2, None], pl.UInt8, [2, None]),
        ("integer", [2.0, float("nan"), None], pl.Float64, [2, None, None]),
        ("integer", [True], pl.Boolean, [1]),
        ("number", [2, None], pl.Int8, [2.0, None]),
        ("number", [float("nan"), None, 1.5], pl.Float32, [None, None, 1.5]),
        ("boolean", [1, 0, None], pl.Int64, [True, False, None]),
        ("boolean", [True, None], pl.Boolean, [True, None]),
        ("date", [NOON], pl.Datetime("ns"), [date(2024, 1, 2)]),
        ("datetime", [date(2024, 1, 2)], pl.Date, [NOON.replace(hour=0)]),
        ("datetime", [NOON.replace(tzinfo=UTC)], pl.Datetime("ms", "UTC"), [NOON.replace(tzinfo=UTC)]),
        ("number", [None], pl.Null, [None]),
    ],
)
def test_typed_values_are_converted(kind: str, values: list[Any], dtype: Any, expected: list[Any]) -> None:
    table = parse(values, kind, dtype)
    assert table.frame["a"].to_list() == expected
    assert table.unparsed == {}


@pytest.mark.parametrize(
    ("kind", "value", "dtype"),
    [
        ("integer", 1.5, pl.Float64),
        ("integer", 2**64 - 1, pl.UInt64),
        ("number", float("inf"), pl.Float64),
        ("boolean", 2, pl.Int64),
        ("date", 20240102, pl.Int64),
        ("number", date(2024, 1, 2), pl.Date),
    ],
)
def test_typed_value_that_would_lose_something_is_marked(kind: str, value: Any, dtype: Any) -> None:
    assert parse([value], kind, dtype).unparsed["a"].to_list() == [True]


def test_missing_codes_are_null_and_kept_in_a_column_of_their_own() -> None:
    table = parse(
        ["PNS", " FTK ", "1/2/2024", "", "pns"], "date", formats=("M/D/YYYY",), missing=("PNS", "FTK"), indicator=True
    )
    assert table.frame.columns == ["a", "a__code"]
    assert table.frame["a"].to_list() == [None, None, date(2024, 1, 2), None, None]
    assert table.frame["a__code"].to_list() == ["PNS", "FTK", None, None, None]
    assert table.unparsed["a"].to_list() == [False, False, False, False, True]


def test_missing_codes_of_typed_numbers_are_found() -> None:
    table = parse([-999, 1, None], "integer", pl.Int64, missing=("-999", "x"), indicator=True)
    assert table.frame.rows() == [(None, "-999"), (1, None), (None, None)]
    assert parse([True], "boolean", pl.Boolean, missing=("1",), indicator=True).frame.rows() == [(True, None)]


def test_times_with_an_offset_are_in_utc() -> None:
    table = parse(["2024-01-02T14:00+02:00"], "datetime", formats=("YYYY-MM-DDTHH:mmZ",))
    assert table.frame["a"].to_list() == [NOON.replace(tzinfo=UTC)]


def test_columns_come_in_the_contracts_order_with_the_others_behind() -> None:
    raw = pl.DataFrame({"x": ["1"], "b": ["2"], "a": ["3"]})
    columns = (column("integer", "a"), column("integer", "b"))
    assert parse_columns(raw, contract(*columns)).frame.rows(named=True) == [{"a": 3, "b": 2, "x": "1"}]
    assert parse_columns(raw, contract(*columns, extra=ExtraColumns.DROP)).frame.columns == ["a", "b"]
    with pytest.raises(InvalidInputError, match="refuses other columns than its own, found 'x'"):
        parse_columns(raw, contract(*columns, extra=ExtraColumns.REFUSE))


def test_column_that_is_absent_is_an_error_that_names_the_closest() -> None:
    raw = pl.DataFrame({"cots": ["1"], "b": ["1"]})
    with pytest.raises(InvalidInputError, match=r"expects the column 'cost', .*Did you mean 'cots'\?"):
        parse_columns(raw, contract(column("integer", "cost"), column("integer", "b")))


def test_column_that_may_be_absent_is_null_throughout() -> None:
    raw = pl.DataFrame({"b": ["1", "2"]})
    absent = column("date", "a", required=False, indicator=True)
    frame = parse_columns(raw, contract(absent, column("integer", "b"))).frame
    assert frame.schema == {"a": pl.Date, "a__code": pl.String, "b": pl.Int64}
    assert frame.rows() == [(None, None, 1), (None, None, 2)]


def test_column_of_lists_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="Expected values of type string in the column 'a', found List"):
        parse([["x"]], "string", pl.List(pl.String))


def test_column_of_codes_that_is_there_already_is_refused() -> None:
    raw = pl.DataFrame({"a": ["1"], "a__code": ["x"]})
    with pytest.raises(InvalidInputError, match="has a column 'a__code' already"):
        parse_columns(raw, contract(column("integer", indicator=True)))


@pytest.mark.parametrize("extra", ["allow", "drop", "refuse"])
def test_table_that_was_parsed_before_keeps_its_codes(extra: str) -> None:
    raw = pl.DataFrame({"a": ["1", "PNS", None, "2"], "b": ["x", "y", "z", ""]})
    agreed = contract(column("integer", missing=("PNS",), indicator=True), column("string", "b"))
    agreed = replace(agreed, extra=ExtraColumns(extra))
    once = parse_columns(raw, agreed)
    again = parse_columns(once.frame, agreed)
    assert_frame_equal(again.frame, once.frame)
    assert once.frame["a__code"].to_list() == [None, "PNS", None, None]


def test_codes_of_a_typed_column_come_beside_those_that_were_found_before() -> None:
    raw = pl.DataFrame({"a": [1, -999, None], "a__code": [None, None, "PNS"]})
    frame = parse_columns(raw, contract(column("integer", missing=("-999", "PNS"), indicator=True))).frame
    assert frame.rows() == [(1, None), (None, "-999"), (None, "PNS")]


def test_table_without_rows_gets_the_types() -> None:
    assert parse([], "number").frame.schema == {"a": pl.Float64}
