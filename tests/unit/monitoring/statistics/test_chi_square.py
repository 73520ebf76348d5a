from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, fisher_exact

from millwright.monitoring.statistics.chi_square import chi_square, chi_square_p

pairs = st.integers(2, 8).flatmap(
    lambda cells: st.tuples(*(st.lists(st.integers(0, 500), min_size=cells, max_size=cells).map(np.array),) * 2)
)


@given(pairs)
def test_chi_square_equals_scipy(pair: tuple):
    one, two = pair
    if not one.sum() or not two.sum():
        assert np.isnan(chi_square(one, two))
        return
    table = np.array(pair)[:, (one + two) > 0]
    expected = chi2_contingency(table, correction=False)
    assert chi_square(one, two) == pytest.approx(expected.statistic, abs=1e-8)
    if expected.expected_freq.min() >= 5 and table.shape[1] > 1:
        assert chi_square_p(one, two) == pytest.approx(expected.pvalue, abs=1e-10)


def test_chi_square_p_equals_fishers_exact_test_when_expected_counts_are_small():
    one, two = np.array([997, 3]), np.array([95, 5])
    assert chi_square_p(one, two) == pytest.approx(fisher_exact([one, two]).pvalue, abs=0.002)


def test_chi_square_p_is_not_fooled_by_one_row_of_a_new_value():
    reference, current = np.array([10_000, 10_000, 0]), np.array([100, 99, 1])
    assert chi_square_p(reference, current) > 0.005
    assert chi2_contingency(np.array([reference, current]), correction=False).pvalue < 1e-10


def test_chi_square_p_holds_its_level_on_a_column_with_many_values():
    # A one-sample test against the "exact" reference rejects nearly always here.
    generator = np.random.default_rng(3)
    share = generator.dirichlet(np.ones(400))
    p_values = [
        chi_square_p(generator.multinomial(5000, share), generator.multinomial(2000, share)) for _ in range(100)
    ]
    assert 0.3 < np.mean(p_values) < 0.7
    assert np.mean(np.array(p_values) < 0.05) < 0.15


def test_chi_square_p_is_one_when_only_one_cell_is_used():
    assert chi_square_p(np.array([5, 0]), np.array([9, 0])) == 1.0
