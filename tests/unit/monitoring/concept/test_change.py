from __future__ import annotations

import numpy as np
import pytest

from millwright.monitoring.concept.change import change_point


@pytest.mark.parametrize("at", [5, 60, 195])
def test_change_is_found_where_it_is(at: int):
    values = np.zeros(200)
    values[at:] = 1
    assert change_point(values) == at


def test_change_is_the_one_that_leaves_the_least_squares():
    values = np.random.default_rng(3).normal(0, 1, 80) + np.repeat([0, 0.8], 40)
    left = [values[:cut].var() * cut + values[cut:].var() * (80 - cut) for cut in range(5, 76)]
    assert change_point(values) == 5 + int(np.argmin(left))


@pytest.mark.parametrize("values", [np.zeros(9), np.ones(50), np.empty(0)])
def test_no_change_is_found_in_few_or_equal_values(values: np.ndarray):
    assert change_point(values) is None
