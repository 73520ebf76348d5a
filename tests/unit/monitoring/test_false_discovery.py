from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from millwright.monitoring.false_discovery import benjamini_hochberg


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.floats(0.01, 0.5))
def test_benjamini_hochberg_agrees_with_scipy(p_values: list, level: float):
    adjusted = false_discovery_control(p_values)
    clear = np.abs(adjusted - level) > 1e-12  # on the border, rounding decides
    found = np.array(benjamini_hochberg(p_values, level))
    assert (found[clear] == (adjusted <= level)[clear]).all()


def test_benjamini_hochberg_leaves_out_tests_that_could_not_be_made():
    assert benjamini_hochberg([None, 0.04, None], 0.05) == [False, True, False]
    assert benjamini_hochberg([], 0.05) == []


def test_benjamini_hochberg_rejects_an_earlier_test_when_a_later_one_carries_it():
    assert benjamini_hochberg([0.04, 0.045], 0.05) == [True, True]
