from __future__ import annotations

import numpy as np
import pytest

from millwright.monitoring.statistics.sorted_pair import SortedPair


def test_sorted_pair_tells_ranks_and_the_rows_below_them():
    pair = SortedPair(np.array([3.0, 1.0, 2.0, 2.0]), np.array([2.0, 0.0]))
    assert [pair.ranked(rank) for rank in range(4)] == [1.0, 2.0, 2.0, 3.0]
    assert pair.rows_below(2.0, closed=False) == (1, 1)
    assert pair.rows_below(2.0, closed=True) == (3, 2)


def test_sorted_pair_tells_distances():
    pair = SortedPair(np.array([0.0, 1.0]), np.array([3.0, 1.0]))
    assert pair.largest_gap == pytest.approx(0.5)
    assert pair.area == pytest.approx(1.5)


def test_sorted_pair_changes_no_sample():
    values = np.array([2.0, 1.0])
    values.flags.writeable = False
    assert SortedPair(values, values).ranked(0) == 1.0
    assert values.tolist() == [2.0, 1.0]
