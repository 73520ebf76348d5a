from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from millwright.monitoring.statistics.numeric import NumericColumn


def numeric(reference: list, current: list, bins: int = 10) -> NumericColumn:
    return NumericColumn(pl.Series(reference, dtype=pl.Float64), pl.Series(current, dtype=pl.Float64), bins=bins)


def test_bins_are_deciles_of_the_reference_when_values_are_distinct():
    cells = numeric(list(range(1000)), []).bins
    assert cells.reference.tolist() == [101, 100, 100, 100, 100, 100, 100, 100, 100, 99, 0]
    assert cells.labels[0] == "≤ 100"
    assert cells.labels[-2:] == ("> 900", "<missing>")


def test_bins_are_open_ended_when_current_values_lie_outside_the_reference():
    cells = numeric(list(range(1000)), [-1e12, 1e12, 5e3]).bins
    assert cells.current[0] == 1
    assert cells.current[-2] == 2


def test_bins_give_a_frequent_value_a_cell_of_its_own():
    cells = numeric([0.0] * 80 + [1.0] * 20, [0.0, 0.5, 1.0, -1.0, 2.0]).bins
    assert dict(zip(cells.labels, cells.reference.tolist(), strict=True)) == {
        "< 0": 0, "= 0": 80, "(0, 1)": 0, "= 1": 20, "> 1": 0, "<missing>": 0,
    }  # fmt: skip
    assert cells.current.tolist() == [1, 1, 1, 1, 1, 0]


def test_bins_see_both_sides_when_the_reference_is_constant():
    assert numeric([5.0] * 10, [4.0, 5.0, 6.0]).bins.current.tolist() == [1, 1, 1, 0]


def test_bins_count_nan_infinity_and_null_as_missing():
    cells = numeric([1.0, 2.0, None], [float("nan"), float("inf"), -float("inf"), None, 1.0]).bins
    assert cells.reference[-1] == 1
    assert cells.current[-1] == 4


def test_bins_are_one_cell_when_the_reference_has_no_value():
    cells = numeric([None, None], [1.0]).bins
    assert cells.labels == ("<any value>", "<missing>")
    assert cells.reference.tolist() == [0, 2]
    assert cells.current.tolist() == [1, 0]


@given(
    st.lists(st.one_of(st.none(), st.floats(allow_nan=True), st.integers(0, 3).map(float)), max_size=80),
    st.lists(st.one_of(st.none(), st.floats(allow_nan=True), st.integers(0, 3).map(float)), max_size=80),
    st.integers(2, 12),
)
def test_bins_hold_every_row_once(reference: list, current: list, bins: int):
    cells = numeric(reference, current, bins).bins
    assert cells.reference.sum() == len(reference)
    assert cells.current.sum() == len(current)
    assert len(cells.labels) == len(set(cells.labels)) == cells.reference.size == cells.current.size


def test_distances_are_undefined_when_a_side_has_no_value():
    pair = numeric([1.0], [None])
    assert np.isnan(pair.largest_gap)
    assert np.isnan(pair.area)


def test_scale_is_the_population_deviation_of_the_reference():
    assert numeric([1.0, 3.0, None], [9.0]).scale == 1.0
    assert numeric([], [9.0]).scale == 0.0
