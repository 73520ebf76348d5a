from __future__ import annotations

import numpy as np

from millwright.monitoring.statistics.column import shares


def test_shares_sum_to_one():
    assert shares(np.array([1, 3])).tolist() == [0.25, 0.75]


def test_shares_are_nan_when_there_are_no_rows():
    assert np.isnan(shares(np.array([0, 0]))).all()
