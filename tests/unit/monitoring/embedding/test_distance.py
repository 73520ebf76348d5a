from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist, cosine
from sklearn.metrics.pairwise import rbf_kernel

from millwright.monitoring.embedding.distance import cosine_distance, discrepancy, mean_shift

GENERATOR = np.random.default_rng(0)
X, Y = GENERATOR.normal(1, 2, (60, 5)), GENERATOR.normal(1.4, 2, (40, 5))


def test_shift_of_the_mean_is_in_units_of_the_references_spread():
    expected = np.linalg.norm(X.mean(axis=0) - Y.mean(axis=0)) / np.sqrt(np.trace(np.cov(X.T, bias=True)))
    assert mean_shift(X, Y) == pytest.approx(expected)
    assert mean_shift(1e3 * X, 1e3 * Y) == pytest.approx(expected)


def test_shift_from_rows_that_are_all_the_same_is_none_or_infinite():
    assert mean_shift(np.ones((5, 2)), np.ones((3, 2))) == 0
    assert mean_shift(np.ones((5, 2)), Y[:, :2]) == float("inf")


def test_cosine_distance_is_scipys_of_the_means():
    assert cosine_distance(X, Y) == pytest.approx(cosine(X.mean(axis=0), Y.mean(axis=0)))
    assert np.isnan(cosine_distance(np.zeros((3, 2)), Y[:, :2]))


def test_discrepancy_is_the_unbiased_one_of_gretton_and_others():
    together = np.concatenate([X, Y])
    gamma = 1 / (2 * np.median(cdist(together, together, "sqeuclidean")[np.triu_indices(100, 1)]))
    xx, yy, xy = rbf_kernel(X, X, gamma), rbf_kernel(Y, Y, gamma), rbf_kernel(X, Y, gamma)
    expected = (xx.sum() - 60) / (60 * 59) + (yy.sum() - 40) / (40 * 39) - 2 * xy.mean()
    assert discrepancy(X, Y).squared == pytest.approx(expected)


def test_p_values_of_equal_distributions_are_even():
    generator = np.random.default_rng(1)
    found = [discrepancy(generator.normal(0, 1, (20, 3)), generator.normal(0, 1, (15, 3))).p_value for _ in range(60)]
    assert np.mean(found) == pytest.approx(0.5, abs=0.12)
    assert np.mean(np.array(found) <= 0.1) == pytest.approx(0.1, abs=0.1)


def test_p_value_is_small_where_only_the_spread_differs():
    generator = np.random.default_rng(2)
    assert discrepancy(generator.normal(0, 1, (150, 4)), generator.normal(0, 2, (150, 4))).p_value == 1 / 500


def test_rows_that_are_all_the_same_do_not_differ():
    found = discrepancy(np.ones((5, 2)), np.ones((4, 2)))
    assert (found.squared, found.p_value) == (pytest.approx(0), 1.0)
