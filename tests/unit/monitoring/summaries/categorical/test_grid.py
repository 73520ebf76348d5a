from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.monitoring.summaries.categorical import grid as categorical
from millwright.monitoring.summaries.categorical.grid import CategoricalGrid

parts = st.lists(st.lists(st.one_of(st.none(), st.sampled_from("abcxyz")), max_size=30), min_size=1, max_size=5)


def series(values) -> pl.Series:
    return pl.Series(values, dtype=pl.String)


@given(parts)
def test_merging_gives_what_counting_all_at_once_gives_in_any_order(windows: list):
    grid = CategoricalGrid.of(series(["a", "b", "b", "c"]))
    whole = grid.count(series([value for window in windows for value in window]))
    for order in (windows, windows[::-1]):
        merged = grid.count(series([]))
        for window in order:
            merged = merged.merge(grid.count(series(window)))
        assert merged.counts.tolist() == whole.counts.tolist()
        assert (merged.missing, merged.new, merged.rows) == (whole.missing, whole.new, whole.rows)
        pairs = [grid.pair(whole, found, bins=10, levels=50) for found in (whole, merged)]
        assert pairs[0].unseen == pairs[1].unseen
        assert pairs[0].unseen_values == pytest.approx(pairs[1].unseen_values)


def test_values_come_most_frequent_first_and_then_by_name():
    assert CategoricalGrid.of(series(["b", "c", "a", "c"])).values == ("c", "a", "b")


def test_grid_says_when_it_does_not_tell_all_values_apart():
    values = [str(number) for number in range(categorical.MOST_VALUES + 1)]
    assert not CategoricalGrid.of(series(values)).is_whole
    assert CategoricalGrid.of(series(values[1:])).is_whole


@pytest.mark.parametrize("values", [[], [None], ["a", "new", None, "a", ""]])
def test_unpacking_gives_what_was_packed(values: list):
    grid = CategoricalGrid.of(series(["a", "b"]))
    packed = grid.count(series(values)).pack()
    assert grid.unpack(packed).pack() == packed
