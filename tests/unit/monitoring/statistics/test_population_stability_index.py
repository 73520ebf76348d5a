from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.monitoring.statistics.population_stability_index import population_stability_index

counts = st.lists(st.integers(0, 1000), min_size=2, max_size=8).map(np.array)


def test_psi_equals_the_formula_when_no_cell_is_empty():
    p, q = np.array([0.1, 0.2, 0.7]), np.array([0.3, 0.3, 0.4])
    expected = np.sum((p - q) * np.log(p / q))
    found = population_stability_index((p * 1e7).astype(np.int64), (q * 1e7).astype(np.int64))
    assert found == pytest.approx(expected, rel=1e-5)


def test_psi_stays_finite_when_a_cell_is_empty_on_one_side():
    found = population_stability_index(np.array([1000, 0]), np.array([500, 500]))
    assert 1.0 < found < 10.0


@given(counts)
def test_psi_is_zero_when_shares_are_equal_and_sizes_differ(reference: np.ndarray):
    if reference.sum():
        assert population_stability_index(reference, reference * 7) == pytest.approx(0.0, abs=1e-12)


@given(counts)
def test_psi_is_not_changed_by_cells_that_are_empty_on_both_sides(reference: np.ndarray):
    if reference.sum():
        current = reference[::-1]
        padded = population_stability_index(np.append(reference, 0), np.append(current, 0))
        assert padded == pytest.approx(population_stability_index(reference, current))


def test_psi_without_drift_is_near_its_expectation_for_the_sample_sizes():
    # Yurdakul (2018): (1/n + 1/m)·(b - 1) on average.
    generator = np.random.default_rng(5)
    share = np.full(10, 0.1)
    found = [
        population_stability_index(generator.multinomial(5000, share), generator.multinomial(500, share))
        for _ in range(400)
    ]
    assert np.mean(found) == pytest.approx(9 * (1 / 5000 + 1 / 500), rel=0.08)
