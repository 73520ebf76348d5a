from __future__ import annotations

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from millwright.evaluation.metrics.sample import classification_sample
from millwright.monitoring.estimation.calibration import Calibration, expected_calibration_error


def drawn(rows: int, *, power: float = 1.0, seed: int = 1):
    """Labels by probabilities, and scores that are a power of them."""
    generator = np.random.default_rng(seed)
    probability = generator.beta(2, 3, rows)
    return (generator.random(rows) < probability).astype(int), probability**power, probability


def test_error_of_calibration_is_that_of_its_definition():
    scores, labels = np.array([0.1, 0.2, 0.6, 0.9]), np.array([0.0, 1.0, 1.0, 1.0])
    assert expected_calibration_error(scores, labels, bins=2) == pytest.approx((2 * 0.35 + 2 * 0.25) / 4)


def test_scores_are_left_alone_when_they_mean_what_they_say():
    labels, scores, _ = drawn(20_000)
    calibration = Calibration.of(classification_sample(labels, scores > 0.5, scores, classes=(0, 1)))
    if calibration.is_used:  # by chance the curve may be a hair better
        assert calibration.probabilities(np.column_stack([1 - scores, scores]))[:, 1] == pytest.approx(scores, abs=0.1)


def test_scores_that_are_too_low_become_what_isotonic_regression_makes_of_them():
    labels, scores, probability = drawn(20_000, power=3)
    calibration = Calibration.of(classification_sample(labels, scores > 0.5, scores, classes=(0, 1)))
    assert calibration.is_used
    found = calibration.probabilities(np.column_stack([1 - scores, scores]))
    expected = IsotonicRegression(out_of_bounds="clip").fit(scores, labels).predict(scores)
    assert found[:, 1] == pytest.approx(expected)
    assert found.sum(axis=1) == pytest.approx(1.0)
    assert np.abs(found[:, 1] - probability).mean() < 0.02


def test_probabilities_of_several_classes_sum_to_one():
    generator = np.random.default_rng(3)
    truth = generator.dirichlet([2, 3, 4], 6_000)
    labels = (generator.random((6_000, 1)) > truth.cumsum(axis=1)).sum(axis=1)
    scores = truth**2 / (truth**2).sum(axis=1, keepdims=True)
    calibration = Calibration.of(classification_sample(labels, scores.argmax(axis=1), scores, classes=(0, 1, 2)))
    assert calibration.is_used
    found = calibration.probabilities(scores)
    assert found.sum(axis=1) == pytest.approx(1.0)
    assert np.abs(found - truth).mean() < np.abs(scores - truth).mean() / 2


def test_scores_are_taken_as_they_are_when_the_reference_has_one_class_only():
    calibration = Calibration.of(classification_sample([1] * 200, [1] * 200, np.full(200, 0.6), classes=(0, 1)))
    assert not calibration.is_used


def test_error_of_rows_that_stand_for_several_is_that_of_the_several():
    scores, labels = np.array([0.1, 0.2, 0.6, 0.9]), np.array([0.0, 1.0, 1.0, 1.0])
    weights = np.array([1, 3, 2, 2])
    expected = expected_calibration_error(np.repeat(scores, weights), np.repeat(labels, weights), bins=2)
    assert expected_calibration_error(scores, labels, bins=2, weights=weights.astype(float)) == pytest.approx(expected)
