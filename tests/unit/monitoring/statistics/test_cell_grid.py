from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from millwright.monitoring.statistics.cell_grid import CellGrid

numbers = st.one_of(st.floats(-1e12, 1e12), st.integers(-4, 4).map(float), st.sampled_from([0.0, -0.0, 5e-324, 1e-30]))


def grid_of(values: np.ndarray, fineness: int = 6) -> CellGrid:
    return CellGrid(values, float(values.min()), float(values.max()), fineness)


@given(st.lists(numbers, min_size=1, max_size=60), st.integers(0, 12))
@settings(deadline=None)
def test_count_finds_every_row_between_the_edges_of_its_cell(drawn: list, fineness: int):
    values = np.array(drawn)
    grid = grid_of(values, fineness)
    rows = grid.count(values).rows
    assert rows.sum() == values.size
    assert grid.edges.size == grid.size + 1
    assert (np.diff(grid.edges) >= 0).all()
    ordered = np.sort(values) - grid.center
    cells = np.repeat(np.arange(grid.size), rows)
    assert (grid.edges[cells] <= ordered).all()
    assert (ordered <= grid.edges[cells + 1]).all()


def test_count_sums_the_distances_of_each_cell():
    values = np.random.default_rng(0).normal(3, 1, 5000)
    grid = grid_of(values)
    found = grid.count(values)
    rows, sums = found.rows, found.sums
    ordered = np.sort(values) - grid.center
    expected = np.add.reduceat(ordered, np.concatenate([[0], np.cumsum(rows[rows > 0])[:-1]]))
    np.testing.assert_allclose(sums[rows > 0], expected, rtol=1e-9, atol=1e-12)


def test_cells_are_narrow_where_most_values_are_though_they_lie_far_from_zero():
    values = np.random.default_rng(0).normal(1.7e9, 3.0, 20_000)
    rows = grid_of(values, 8).count(values).rows
    assert rows.max() < 0.01 * values.size


def test_center_is_a_cell_of_its_own():
    values = np.concatenate([np.zeros(700), np.random.default_rng(0).exponential(1, 300), [-0.0, 1e-200, -1e-200]])
    grid = grid_of(values)
    rows = grid.count(values).rows
    middle = grid.size // 2
    assert grid.center == 0.0
    assert rows[middle] == 701
    assert not grid.mixed[middle]
    assert grid.mixed[middle + 1]


def test_cells_of_one_value_are_told_apart_when_values_come_often():
    values = np.random.default_rng(0).poisson(20, 5000).astype(float)
    grid = grid_of(values)
    rows = grid.count(values).rows
    assert not grid.mixed.any()
    assert sorted(grid.values[rows > 0]) == sorted(set(values))
    other = np.append(values, 20.0 + 1e-9)  # as of the other sample
    grid.count(other)
    assert grid.mixed.sum() <= 1
    assert grid.mixed.any() or grid.count(other).rows[grid.size // 2] == rows[grid.size // 2]


def test_chosen_gives_the_values_of_some_cells_in_order():
    values = np.random.default_rng(0).normal(size=200_000)  # over several blocks
    grid = grid_of(values)
    found = grid.count(values)
    some = np.arange(grid.size) % 3 == 0
    assert found.chosen(values, some).tolist() == np.sort(values)[np.repeat(some, found.rows)].tolist()


def test_all_values_are_one_cell_when_they_are_equal():
    values = np.full(10, 3.5)
    found = grid_of(values).count(values)
    assert found.rows.max() == 10
    assert not found.sums.any()
