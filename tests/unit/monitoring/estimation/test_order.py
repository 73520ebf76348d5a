from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from millwright.monitoring.estimation.order import nearly_ordered


@given(arrays(np.float64, st.integers(0, 200), elements=st.floats(-1.0, 1e300)))
def test_every_row_is_there_once_and_values_rise_but_for_their_last_bits(values):
    order = nearly_ordered(values)
    assert sorted(order.tolist()) == list(range(values.size))
    ordered = values[order]
    assert np.all(np.maximum.accumulate(ordered) <= ordered + np.abs(ordered) * 2.0**-28 + 1e-300)


def test_a_million_scores_are_in_order_to_nine_digits():
    values = np.random.default_rng(0).random(1_000_000)
    np.testing.assert_allclose(values[nearly_ordered(values)], np.sort(values), rtol=1e-9)


@pytest.mark.parametrize("values", [[0.0, -0.0, 0.0], [np.inf, 1.0, 0.0], [2.0, np.nan, 1.0], [-1.0, -2.0], []])
def test_odd_values_are_ordered_as_others(values):
    found = np.asarray(values, dtype=np.float64)
    np.testing.assert_array_equal(found[nearly_ordered(found)], np.sort(found))
