from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import euclidean

from millwright.monitoring.statistics.hellinger import hellinger

pairs = st.integers(2, 8).flatmap(
    lambda cells: st.tuples(*(st.lists(st.integers(0, 500), min_size=cells, max_size=cells).map(np.array),) * 2)
)


@given(pairs)
def test_hellinger_equals_the_euclidean_distance_of_the_roots_divided_by_root_two(pair: tuple):
    one, two = pair
    if one.sum() and two.sum():
        expected = euclidean(np.sqrt(one / one.sum()), np.sqrt(two / two.sum())) / np.sqrt(2)
        assert hellinger(one, two) == pytest.approx(expected, abs=1e-12)


def test_hellinger_is_one_when_no_cell_is_shared():
    assert hellinger(np.array([5, 0]), np.array([0, 9])) == 1.0
