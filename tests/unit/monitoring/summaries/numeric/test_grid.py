from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.monitoring.summaries.numeric.grid import CELLS, NumericGrid

parts = st.lists(st.lists(st.one_of(st.none(), st.integers(-50, 50).map(float)), max_size=30), min_size=1, max_size=5)


def series(values) -> pl.Series:
    return pl.Series(values, dtype=pl.Float64)


@given(parts)
def test_merging_gives_what_counting_all_at_once_gives_in_any_order(windows: list):
    grid = NumericGrid.of(np.array([-20.0, 0.0, 0.0, 7.0, 20.0]))
    whole = grid.count(series([value for window in windows for value in window]))
    for order in (windows, windows[::-1]):
        merged = grid.count(series([]))
        for window in order:
            merged = merged.merge(grid.count(series(window)))
        # Whole numbers add up without rounding.
        assert merged.pack() == whole.pack()


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=60), st.lists(st.floats(-2e9, 2e9), max_size=60))
def test_each_value_lies_in_its_cell(reference: list, values: list):
    grid = NumericGrid.of(np.array(reference))
    for value, cell in zip(values, grid.place(np.array(values)).tolist(), strict=True):
        below, is_on_border = divmod(cell, 2)
        if is_on_border:
            assert value == grid.borders[below]
        else:
            assert below == 0 or grid.borders[below - 1] < value
            assert below == grid.borders.size or value < grid.borders[below]


def test_borders_are_few_whatever_the_rows():
    grid = NumericGrid.of(np.random.default_rng(1).normal(size=50_000))
    assert grid.borders.size == CELLS + 1
    assert grid.cells == 2 * CELLS + 3


def test_values_that_are_no_finite_numbers_are_missing():
    found = NumericGrid.of(np.array([1.0, 2.0])).count(series([1.0, None, float("nan"), float("inf"), 2.0]))
    assert (found.rows, found.missing, found.lowest, found.highest) == (2, 3, 1.0, 2.0)


@pytest.mark.parametrize("values", [[], [None], [1.0, 3.0, None, 99.0]])
def test_unpacking_gives_what_was_packed(values: list):
    grid = NumericGrid.of(np.arange(10.0))
    packed = grid.count(series(values)).pack()
    assert grid.unpack(packed).pack() == packed
