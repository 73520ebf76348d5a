"""Summaries of numbers give what the numbers themselves give, within what is stated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp, wasserstein_distance

from millwright.monitoring.statistics import NumericColumn, find_statistic
from millwright.monitoring.summaries.numeric.grid import NumericGrid

if TYPE_CHECKING:
    from millwright.monitoring.summaries.numeric.pair import NumericSummaryPair

numbers = st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6), st.integers(-3, 3).map(float)), max_size=120)
some_numbers = numbers.filter(lambda found: any(value is not None for value in found))


def series(values) -> pl.Series:
    return pl.Series(values, dtype=pl.Float64)


def both(reference, current, *, bins: int = 10) -> tuple[NumericSummaryPair, NumericColumn]:
    before, now = series(reference), series(current)
    grid = NumericGrid.of(before.drop_nulls().to_numpy())
    summed = grid.pair(grid.count(before), grid.count(now), bins=bins, levels=50)
    return summed, NumericColumn(before, now, bins=bins)


@given(numbers, numbers, st.sampled_from([2, 10, 50]))
@settings(deadline=None)
def test_cells_of_summaries_are_those_of_the_values(reference: list, current: list, bins: int):
    summed, exact = both(reference, current, bins=bins)
    assert summed.bins.labels == exact.bins.labels
    assert summed.bins.reference.tolist() == exact.bins.reference.tolist()
    assert summed.bins.current.tolist() == exact.bins.current.tolist()
    assert (summed.rows, summed.missing) == (exact.rows, exact.missing)


def test_zeros_of_both_signs_are_one_value():
    summed, exact = both([-0.0, 0.0, 1.0], [0.0, -0.0])
    assert summed.bins.labels == exact.bins.labels
    assert "= 0" in exact.bins.labels


@pytest.mark.parametrize("rows", [1_000, 20_000])
def test_cells_of_summaries_are_those_of_the_values_when_there_are_more_values_than_borders(rows: int):
    generator = np.random.default_rng(rows)
    summed, exact = both(generator.lognormal(0, 1, rows).round(3), generator.lognormal(0.1, 1, 3_000).round(3))
    assert summed.bins.labels == exact.bins.labels
    assert summed.bins.reference.tolist() == exact.bins.reference.tolist()
    assert summed.bins.current.tolist() == exact.bins.current.tolist()


@given(some_numbers, some_numbers)
@settings(deadline=None)
def test_largest_gap_is_off_by_no_more_than_is_stated(reference: list, current: list):
    summed, exact = both(reference, current)
    assert summed.largest_gap <= exact.largest_gap + 1e-12
    assert exact.largest_gap <= summed.largest_gap + summed.gap_error + 1e-12


def test_largest_gap_equals_scipy_when_all_values_are_the_references():
    generator = np.random.default_rng(5)
    before, now = generator.poisson(8, 4_000).astype(float), generator.poisson(9, 3_000).astype(float)
    summed, _ = both(before, now[now <= before.max()])
    expected = ks_2samp(before, now[now <= before.max()]).statistic
    assert summed.largest_gap == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("shift", [0.0, 0.05, 0.3, 3.0])
def test_distances_of_summaries_are_close_to_scipy_on_many_values(shift: float):
    generator = np.random.default_rng(7)
    before, now = generator.normal(0, 2, 20_000), generator.normal(shift, 2.2, 30_000)
    summed, _ = both(before, now)
    assert summed.largest_gap == pytest.approx(ks_2samp(before, now).statistic, abs=0.003)
    expected = wasserstein_distance(before, now)
    assert summed.area == pytest.approx(expected, rel=0.01)
    assert summed.area <= expected * (1 + 1e-9)
    assert summed.scale == pytest.approx(np.std(before))


def test_area_sees_how_far_values_lie_outside_of_the_reference():
    before, now = np.linspace(0, 1, 1_000), np.linspace(50, 60, 500)
    summed, _ = both(before, now)
    assert summed.area == pytest.approx(wasserstein_distance(before, now), rel=1e-9)


@given(some_numbers)
@settings(deadline=None)
def test_every_statistic_is_zero_when_both_windows_are_the_same(values: list):
    summed, _ = both(values, values[::-1])
    for name in ("psi", "jensen_shannon", "hellinger", "total_variation", "kolmogorov_smirnov", "wasserstein"):
        assert find_statistic(name).score(summed).value == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(("reference", "current"), [([], [1.0]), ([1.0], []), ([], []), ([None], [1.0])])
def test_distances_are_nan_when_a_side_has_no_number(reference: list, current: list):
    summed, _ = both(reference, current)
    assert np.isnan(summed.largest_gap)
    assert np.isnan(summed.gap_error)
    assert np.isnan(summed.area)
