from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from millwright.monitoring.statistics.jensen_shannon import jensen_shannon

pairs = st.integers(2, 8).flatmap(
    lambda cells: st.tuples(*(st.lists(st.integers(0, 500), min_size=cells, max_size=cells).map(np.array),) * 2)
)


@given(pairs)
def test_jensen_shannon_equals_scipy(pair: tuple):
    one, two = pair
    if one.sum() and two.sum():
        expected = jensenshannon(one, two, base=2)
        # SciPy may take the root of a tiny negative number for equal shares.
        assert jensen_shannon(one, two) == pytest.approx(0.0 if np.isnan(expected) else expected, abs=1e-7)


def test_jensen_shannon_is_one_when_no_cell_is_shared():
    assert jensen_shannon(np.array([5, 0]), np.array([0, 9])) == 1.0
