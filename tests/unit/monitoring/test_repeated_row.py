from __future__ import annotations

import numpy as np
import pytest

from millwright.monitoring.repeated_row import effective_rows, first_equals


def test_rows_are_equal_with_missing_values_and_zeros_of_either_sign():
    other_nan = np.array([0x7FF8000000000001], dtype=np.uint64).view(np.float64)[0]
    matrix = np.array([[1.0, np.nan], [0.0, 2.0], [1.0, other_nan], [-0.0, 2.0], [3.0, 2.0]])
    assert first_equals(matrix, 3).tolist() == [0, 1, 0, 1, 4]
    assert first_equals(matrix).tolist() == [0, 1, 0, 1, 4]


def test_rows_that_repeat_by_nature_are_like_any_others():
    assert first_equals(np.zeros((20, 2)), 10).tolist() == list(range(20))
    assert first_equals(np.zeros((20, 2))).tolist() == list(range(20))
    assert first_equals(np.zeros((20, 2)), 9).tolist() == [0] * 20


def test_effective_rows_are_kishs():
    assert effective_rows(np.arange(7)) == 7
    assert effective_rows(np.repeat([3, 5], 4)) == 2
    assert effective_rows(np.array([1, 1, 2])) == pytest.approx(9 / 5)
    assert effective_rows(np.arange(0)) == 0
