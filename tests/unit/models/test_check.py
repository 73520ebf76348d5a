from __future__ import annotations

from datetime import date
from time import perf_counter
from typing import Any

import numpy as np
import pytest

from millwright.models.check import MAX_VIOLATIONS, RowChecker, describe
from millwright.models.column import ColumnType, SignatureColumn


def _checker(kind: ColumnType, *, required: bool = True) -> RowChecker:
    return RowChecker([SignatureColumn(name="x", type=kind, required=required)])


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ColumnType.NUMBER, 1.5),
        (ColumnType.NUMBER, 3),
        (ColumnType.NUMBER, np.float32(2)),
        (ColumnType.INTEGER, 3),
        (ColumnType.INTEGER, 3.0),
        (ColumnType.INTEGER, 2**64 - 1),
        (ColumnType.INTEGER, np.int8(3)),
        (ColumnType.BOOLEAN, True),
        (ColumnType.BOOLEAN, np.bool_(False)),
        (ColumnType.CATEGORY, ""),
        (ColumnType.CATEGORY, "never seen before"),
        (ColumnType.TEXT, "x" * 100_000),
        (ColumnType.DATE, "2026-11-21"),
        (ColumnType.DATE, "2026-11-21T10:00:00Z"),
        (ColumnType.DATE, date(2026, 11, 21)),
    ],
)
def test_check_accepts_what_fits_its_type(kind: ColumnType, value: Any) -> None:
    assert _checker(kind).check_rows([{"x": value}]) == []


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        (ColumnType.NUMBER, "12", "the text '12'"),
        (ColumnType.NUMBER, True, "true"),
        (ColumnType.NUMBER, float("nan"), "NaN"),
        (ColumnType.NUMBER, float("inf"), "Infinity"),
        (ColumnType.NUMBER, -np.inf, "-Infinity"),
        (ColumnType.NUMBER, np.float32("nan"), "NaN"),
        (ColumnType.NUMBER, 10**400, "an integer of 1329 bits"),
        (ColumnType.NUMBER, [1], "a list"),
        (ColumnType.NUMBER, {"a": 1}, "an object"),
        (ColumnType.INTEGER, 3.5, "the number 3.5"),
        (ColumnType.INTEGER, 2**64, "an integer of 65 bits"),
        (ColumnType.INTEGER, False, "false"),
        (ColumnType.INTEGER, "3", "the text '3'"),
        (ColumnType.BOOLEAN, 1, "the number 1"),
        (ColumnType.BOOLEAN, "true", "the text 'true'"),
        (ColumnType.CATEGORY, 7, "the number 7"),
        (ColumnType.TEXT, b"x", "a bytes"),
        (ColumnType.DATE, "21.11.2026", "the text '21.11.2026'"),
        (ColumnType.DATE, 20_000, "the number 20000"),
    ],
)
def test_check_refuses_what_does_not_fit_and_says_what_it_found(kind: ColumnType, value: Any, found: str) -> None:
    violation = _checker(kind).check_rows([{"x": value}])

    assert [(v.row, v.column, v.found) for v in violation] == [(0, "x", found)]


def test_check_names_the_row_when_a_required_column_is_missing_or_null() -> None:
    found = _checker(ColumnType.NUMBER).check_rows([{"x": 1}, {}, {"x": None}])

    assert [(v.row, v.expected, v.found) for v in found] == [
        (1, "a finite number", "nothing: the column is missing"),
        (2, "a finite number", "null"),
    ]


def test_check_accepts_null_and_absence_when_the_column_is_not_required() -> None:
    assert _checker(ColumnType.NUMBER, required=False).check_rows([{"x": None}, {}]) == []


def test_check_refuses_unknown_columns_also_beside_nulls() -> None:
    found = _checker(ColumnType.NUMBER, required=False).check_rows([{"x": 1, "y": 2}, {"y": None}])

    assert [(v.row, v.column, v.found) for v in found] == [(0, "y", "an unknown column"), (1, "y", "an unknown column")]


def test_check_refuses_a_row_that_is_no_object() -> None:
    assert _checker(ColumnType.NUMBER).check_rows([[1, 2]])[0].expected == "an object of column names and values"  # type: ignore[list-item]


def test_check_stops_at_its_limit_when_everything_is_wrong() -> None:
    assert len(_checker(ColumnType.NUMBER).check_rows([{"x": "a"}] * 100_000)) == MAX_VIOLATIONS


def test_check_of_columns_names_missing_and_unknown_ones() -> None:
    checker = RowChecker(
        [
            SignatureColumn(name="a", type=ColumnType.NUMBER),
            SignatureColumn(name="b", type=ColumnType.NUMBER, required=False),
        ]
    )

    assert [(v.row, v.column) for v in checker.check_columns(["c"])] == [(-1, "a"), (-1, "c")]


def test_check_takes_thousands_of_rows_a_second() -> None:
    columns = [SignatureColumn(name=f"column {index}", type=ColumnType.NUMBER) for index in range(20)]
    checker, row = RowChecker(columns), [{f"column {index}": float(index) for index in range(20)}]
    started = perf_counter()
    for _ in range(1_000):
        checker.check_rows(row)

    assert perf_counter() - started < 0.2  # 5,000 a second, a tenth of what an idle machine does


def test_description_is_shortened_when_the_text_is_long() -> None:
    assert len(describe("x" * 1_000)) < 60
