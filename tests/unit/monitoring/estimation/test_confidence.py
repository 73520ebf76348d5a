"""Estimates beside what is realised, where the labels are known, and beside values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from millwright.core.errors import InvalidInputError
from millwright.evaluation.interval import BootstrapOptions
from millwright.evaluation.metrics.catalog import measure, metrics_for
from millwright.evaluation.metrics.sample import Sample, classification_sample
from millwright.models.task import Task
from millwright.monitoring.estimation import ConfidenceEstimator

BINARY = metrics_for(Task.BINARY)


def drawn(rows: int, *, shift: float = 0.0, seed: int = 1):
    """Scores that mean what they say, of rows whose inputs have moved by `shift`, with labels."""
    generator = np.random.default_rng(seed)
    scores = 1 / (1 + np.exp(-generator.normal(shift, 1.5, rows)))
    labels = (generator.random(rows) < scores).astype(int)
    return labels, (scores > 0.5).astype(int), scores


def sample_of(labels, said, scores):
    return classification_sample(labels, said, scores, classes=(0, 1))


def estimator() -> ConfidenceEstimator:
    return ConfidenceEstimator(sample_of(*drawn(20_000)))


@pytest.mark.parametrize("shift", [0.0, 1.0, 2.0])
def test_estimate_is_what_labels_show_later_when_only_the_inputs_moved(shift: float):
    labels, said, scores = drawn(20_000, shift=shift, seed=2)
    told = sample_of(labels, said, scores)
    found = estimator().estimate(told.y_pred, told.scores, BINARY, BootstrapOptions(draws=100, budget=1))
    realised = measure(told)
    assert set(found.metrics) == set(realised)
    for name, value in realised.items():
        assert found.metrics[name] == pytest.approx(value, abs=0.02), name


def test_intervals_hold_what_labels_show_later_about_as_often_as_they_say():
    known, held = estimator(), []
    metrics = [metric for metric in BINARY if metric.name in {"roc_auc", "accuracy", "f1"}]
    for seed in range(100):
        labels, said, scores = drawn(300, shift=0.5, seed=100 + seed)
        told = sample_of(labels, said, scores)
        found = known.estimate(told.y_pred, told.scores, metrics, BootstrapOptions(draws=200))
        realised = measure(told)
        held += [low <= realised[name] <= high for name, (low, high) in found.intervals.items()]
    assert 0.9 <= np.mean(held) <= 0.995


def test_estimate_of_few_rows_is_the_expectation_by_hand():
    known = estimator()
    known.calibration = type(known.calibration)((None,))
    scores = np.array([0.9, 0.6, 0.2])
    found = known.estimate(np.array([1, 1, 0]), np.column_stack([1 - scores, scores]), BINARY)
    assert found.metrics["accuracy"] == pytest.approx((0.9 + 0.6 + 0.8) / 3)
    assert found.metrics["precision"] == pytest.approx((0.9 + 0.6) / 2)
    assert found.metrics["recall"] == pytest.approx(1.5 / 1.7)
    weighted = roc_auc_score([1, 1, 1, 0, 0, 0], [*scores, *scores], sample_weight=[*scores, *(1 - scores)])
    assert found.metrics["roc_auc"] == pytest.approx(weighted)


def test_estimate_of_several_classes_is_what_labels_show_later():
    def rows(count: int, alpha: list[float], seed: int) -> Sample:
        generator = np.random.default_rng(seed)
        truth = generator.dirichlet(alpha, count)
        labels = (generator.random((count, 1)) > truth.cumsum(axis=1)).sum(axis=1)
        return classification_sample(labels, truth.argmax(axis=1), truth, classes=(0, 1, 2))

    known, told = ConfidenceEstimator(rows(10_000, [2, 3, 4], 1)), rows(10_000, [4, 2, 1], 2)
    found = known.estimate(told.y_pred, told.scores, metrics_for(Task.MULTICLASS), BootstrapOptions(budget=1))
    for name, value in measure(told).items():
        assert found.metrics[name] == pytest.approx(value, abs=0.02, rel=0.06), name


def test_model_without_scores_is_refused():
    with pytest.raises(InvalidInputError, match="gives probabilities"):
        ConfidenceEstimator(classification_sample([0, 1], [0, 1], classes=(0, 1)))


def test_interval_of_many_rows_is_as_wide_as_the_labels_scatter():
    _, said, scores = drawn(60_000, seed=3)
    known = estimator()
    known.calibration = type(known.calibration)((None,))
    accuracy = [metric for metric in BINARY if metric.name == "accuracy"]
    found = known.estimate(said, np.column_stack([1 - scores, scores]), accuracy, BootstrapOptions(draws=500))
    low, high = found.intervals["accuracy"]
    deviation = np.sqrt((scores * (1 - scores)).sum()) / scores.size  # of the mean of independent right answers
    assert low < found.metrics["accuracy"] < high
    assert high - low == pytest.approx(2 * 1.96 * deviation, rel=0.2)
