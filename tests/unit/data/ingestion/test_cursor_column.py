from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import InvalidInputError
from millwright.data.ingestion import cursor_column
from millwright.data.ingestion.cursor_column import CursorPosition, position_of, rows_behind


def read(frame: pl.DataFrame, stored: dict[str, Any] | None = None, kind: str = "sql") -> tuple[pl.DataFrame, Any]:
    """One read, with the position as a record keeps it."""
    fresh, position = rows_behind(frame, position_of("c", stored or {}), kind)
    return fresh, json.loads(json.dumps(position.as_json()))


@given(st.lists(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1)), max_size=6), min_size=1, max_size=5))
def test_each_row_is_read_once_unless_it_comes_too_late(batches: list[list[tuple[int, int]]]) -> None:
    """Against a naive reader that remembers every row: only rows below the highest value at their arrival are left."""
    there: list[tuple[int, int]] = []
    expected: Counter[tuple[int, int]] = Counter()
    got: Counter[tuple[int, int]] = Counter()
    stored: dict[str, Any] = {}
    highest = -1
    for batch in batches:
        there += batch
        expected.update(row for row in batch if row[0] >= highest)
        highest = max([highest, *(row[0] for row in batch)])
        fresh, stored = read(pl.DataFrame(there, schema={"c": pl.Int64, "x": pl.Int64}, orient="row"), stored)
        got.update(fresh.rows())
        stored = stored if stored["value"] is not None else {}
    assert got == expected


@pytest.mark.parametrize(
    "values",
    [
        [1, 2],
        [1.5, 2.5],
        ["a", "b"],
        [date(2026, 1, 1), date(2026, 1, 2)],
        [datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)],
        [Decimal("1.5"), Decimal("2.5")],
    ],
)
def test_position_of_any_ordered_type_is_kept(values: list[Any]) -> None:
    frame = pl.DataFrame({"c": values})
    _, stored = read(frame)
    assert read(frame, stored)[0].is_empty()
    assert position_of("c", stored).value == values[1]


def test_text_of_delimited_files_is_compared_by_its_numbers() -> None:
    _, stored = read(pl.DataFrame({"c": ["9", "8"]}), kind="csv")
    assert stored["value"] == 9
    assert read(pl.DataFrame({"c": ["9", "10"]}), stored, kind="csv")[0]["c"].to_list() == ["10"]
    with pytest.raises(InvalidInputError, match="Expected number in the cursor column"):
        read(pl.DataFrame({"c": ["9", "x"]}), stored, kind="csv")


def test_text_that_is_no_number_is_compared_as_text() -> None:
    _, stored = read(pl.DataFrame({"c": ["2026-01-09", "2026-01-08"]}), kind="csv")
    assert read(pl.DataFrame({"c": ["2026-01-10"]}), stored, kind="csv")[0].height == 1


def test_with_too_many_rows_at_one_value_later_equal_ones_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cursor_column, "_MOST_TIES", 2)
    _, stored = read(pl.DataFrame({"c": [1, 1, 1]}))
    assert stored["ties"] is None
    assert read(pl.DataFrame({"c": [1, 1, 1, 1, 2]}), stored)[0]["c"].to_list() == [2]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pl.DataFrame({"d": [1]}), "no column 'c'"),
        (pl.DataFrame({"c": [1, None]}), "found 1 rows without"),
        (pl.DataFrame({"c": [1.0, float("nan")]}), "found 1 rows without"),
        (pl.DataFrame({"c": [[1]]}), "Expected numbers, times or text"),
    ],
)
def test_column_that_orders_nothing_is_an_error(frame: pl.DataFrame, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        read(frame)


def test_another_type_than_before_is_an_error_and_wider_numbers_are_not() -> None:
    _, stored = read(pl.DataFrame({"c": [1]}))
    assert read(pl.DataFrame({"c": [1.5]}), stored)[0].height == 1
    with pytest.raises(InvalidInputError, match=r"Expected int .*found str"):
        read(pl.DataFrame({"c": ["a"]}), stored)
    with pytest.raises(InvalidInputError, match="Expected the cursor column 'c'"):
        position_of("d", stored)


def test_nothing_read_is_the_beginning() -> None:
    assert position_of("c", {}) == CursorPosition("c")
    assert rows_behind(pl.DataFrame({"c": []}), CursorPosition("c"), "sql")[1].value is None
