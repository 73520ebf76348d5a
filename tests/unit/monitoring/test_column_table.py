from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal, assert_series_equal

from millwright.monitoring.column_table import ColumnTable, ColumnView, batches, drawn_values, gathered, taken

WHOLE = pl.DataFrame(
    {
        "a": [1.0, 2.0, 3.0, 1.5, None, 7.0, 8.0, 9.0],
        "b": ["x", None, "zz", None, "é", "", "m", "n"],
        "v": [[1.0], [2.0, 3.0], None, [4.0], None, None, [5.0], []],
    }
)
ORDER = np.array([7, 0, 3, 2, 2])


class Counting(ColumnTable):
    """Reads from a table in memory, and notes what."""

    def __init__(self, frame: pl.DataFrame) -> None:
        super().__init__(frame.columns, frame.height)
        self.asked: list[str] = []
        self._frame = frame

    def read(self, name: str) -> pl.Series:
        self.asked.append(name)
        return self._frame[name]

    def take(self, name: str, rows: Any) -> pl.Series:
        return self._frame[name].gather(rows)


def test_column_that_was_read_last_is_kept():
    table = Counting(WHOLE)
    for name in ("a", "a", "b", "b", "a"):
        assert_series_equal(table[name], WHOLE[name])
    assert table.asked == ["a", "b", "a"]


@pytest.mark.parametrize("rows", [[], [4], [4, 0, 4, 3], [3], [2, 1, 0]])
@pytest.mark.parametrize("order", [None, ORDER])
def test_rows_are_given_in_the_order_they_are_asked_for(rows: list[int], order: Any):
    expected = WHOLE if order is None else WHOLE[order]
    table = Counting(expected)
    asked = np.array(rows, dtype=np.int64)
    for each in (table, expected):
        for name in WHOLE.columns:
            assert_series_equal(taken(each, name, asked), expected[name].gather(asked))
            assert_series_equal(ColumnView(each, name).gather(asked), expected[name].gather(asked))
        assert_frame_equal(gathered(each, asked), expected[asked])
        parts = list(batches(each, asked, 2))
        assert [part.height for part in parts] == [2] * (len(rows) // 2) + [1] * (len(rows) % 2)
        assert not parts or pl.concat(parts).equals(expected[asked])


def test_values_that_are_drawn_are_those_of_the_column():
    for table in (Counting(WHOLE), WHOLE):
        assert_series_equal(drawn_values(table, "a", 4, seed=3), WHOLE["a"].sample(4, seed=3))
        assert_series_equal(drawn_values(table, "a", 8, seed=3), WHOLE["a"])


def test_one_value_of_a_view_is_a_value():
    view = ColumnView(Counting(WHOLE), "b")
    assert (len(view), view[2], view[4]) == (8, "zz", "é")
