from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cityblock

from millwright.monitoring.statistics.total_variation import total_variation

pairs = st.integers(2, 8).flatmap(
    lambda cells: st.tuples(*(st.lists(st.integers(0, 500), min_size=cells, max_size=cells).map(np.array),) * 2)
)


@given(pairs)
def test_total_variation_equals_half_the_city_block_distance_of_the_shares(pair: tuple):
    one, two = pair
    if one.sum() and two.sum():
        expected = cityblock(one / one.sum(), two / two.sum()) / 2
        assert total_variation(one, two) == pytest.approx(expected, abs=1e-12)


def test_total_variation_is_one_when_no_cell_is_shared():
    assert total_variation(np.array([5, 0]), np.array([0, 9])) == 1.0
