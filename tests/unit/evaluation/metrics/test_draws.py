from __future__ import annotations

import numpy as np
from sklearn.metrics import confusion_matrix

from millwright.evaluation.metrics.draws import Draws
from millwright.evaluation.metrics.sample import classification_sample, regression_sample


def test_confusion_equals_scikit_learns_for_each_weighting():
    rng = np.random.default_rng(0)
    truth, said = rng.integers(0, 4, 200), rng.integers(0, 4, 200)
    weights = rng.integers(0, 3, (3, 200)).astype(float)

    draws = Draws(classification_sample(truth, said, classes=range(5)), weights)

    for found, weight in zip(draws.confusion, weights, strict=True):
        np.testing.assert_allclose(found, confusion_matrix(truth, said, labels=range(5), sample_weight=weight))


def test_mean_is_weighted():
    draws = Draws(regression_sample([1.0, 2.0], [1.0, 2.0]), np.array([[1.0, 3.0], [2.0, 0.0]]))

    np.testing.assert_allclose(draws.mean(np.array([4.0, 8.0])), [7.0, 4.0])


def test_ranked_sums_the_weights_of_equal_scores():
    sample = classification_sample([0, 1, 1, 0], [0, 1, 1, 0], [0.3, 0.9, 0.3, 0.1])

    inside, outside = Draws(sample).ranked(1)

    assert inside.tolist() == [[1.0, 1.0, 0.0]]
    assert outside.tolist() == [[0.0, 1.0, 1.0]]
