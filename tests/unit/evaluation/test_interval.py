from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from millwright.evaluation.interval import (
    BootstrapOptions,
    confidence_intervals,
    draw_weights,
    paired_gains,
    percentile_interval,
)
from millwright.evaluation.metrics.catalog import get_metric, metrics_for
from millwright.evaluation.metrics.sample import Sample, classification_sample, regression_sample
from millwright.models.task import Task


def a_sample(rows: int = 500, slope: float = 1.0) -> Sample:
    rng = np.random.default_rng(0)
    score = rng.random(rows)
    truth = (rng.random(rows) < score).astype(int)
    said = score**slope
    return classification_sample(truth, (said > 0.5).astype(int), said)


def test_intervals_hold_the_value_and_are_the_same_for_the_same_seed():
    sample, metrics = a_sample(), metrics_for(Task.BINARY)

    first = confidence_intervals(sample, metrics, BootstrapOptions(seed=3))

    assert first == confidence_intervals(sample, metrics, BootstrapOptions(seed=3))
    assert first != confidence_intervals(sample, metrics, BootstrapOptions(seed=4))
    assert set(first) == {metric.name for metric in metrics}
    for metric in metrics:
        low, high = first[metric.name]
        value = metric.value(sample)
        assert value is not None
        assert low < value < high


def test_accuracy_interval_agrees_with_the_binomial_distribution():
    sample = a_sample(2_000)
    accuracy = get_metric("accuracy")

    low, high = confidence_intervals(sample, [accuracy], BootstrapOptions(draws=5_000))["accuracy"]

    share = accuracy.value(sample)
    assert share is not None
    expected = stats.binom(sample.rows, share).ppf([0.025, 0.975]) / sample.rows
    assert (low, high) == pytest.approx(tuple(expected), abs=0.002)


def test_error_interval_agrees_with_scipys_bootstrap():
    rng = np.random.default_rng(1)
    errors = rng.exponential(size=300)
    sample = regression_sample(np.zeros(300), errors)

    low, high = confidence_intervals(sample, [get_metric("mae")], BootstrapOptions(draws=4_000))["mae"]

    theirs = stats.bootstrap((errors,), np.mean, n_resamples=4_000, method="percentile", rng=rng)
    assert (low, high) == pytest.approx(tuple(theirs.confidence_interval), abs=0.01)


def test_wider_confidence_gives_a_wider_interval():
    sample, metrics = a_sample(), [get_metric("roc_auc")]

    narrow = confidence_intervals(sample, metrics, BootstrapOptions(confidence=0.5))["roc_auc"]
    wide = confidence_intervals(sample, metrics, BootstrapOptions(confidence=0.99))["roc_auc"]

    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_intervals_leave_out_a_metric_that_most_draws_cannot_tell():
    sample = classification_sample([0] * 30 + [1], [0] * 31, [0.1] * 30 + [0.9])

    found = confidence_intervals(sample, metrics_for(Task.BINARY))

    assert "roc_auc" not in found
    assert "accuracy" in found


def test_intervals_are_empty_for_a_single_row():
    assert confidence_intervals(classification_sample([1], [1], [0.9]), metrics_for(Task.BINARY)) == {}


@pytest.mark.parametrize("name", ["roc_auc", "brier"])
def test_paired_gains_are_positive_where_the_new_model_is_better(name: str):
    better, worse = a_sample(slope=1.0), a_sample(slope=1.0)
    noise = np.random.default_rng(1).random((worse.rows, 1))
    worse = Sample(
        task=worse.task, y_true=worse.y_true, y_pred=worse.y_pred, scores=np.hstack([1 - noise, noise]), classes=(0, 1)
    )

    gains = paired_gains(better, worse, get_metric(name))

    assert len(gains) == 1_000
    assert np.all(gains > 0)
    np.testing.assert_allclose(paired_gains(worse, better, get_metric(name)), -gains)


def test_paired_gains_of_a_model_with_itself_are_zero():
    assert not np.any(paired_gains(a_sample(), a_sample(), get_metric("average_precision")))


def test_paired_gains_leave_out_undefined_draws():
    sample = classification_sample([0, 1], [0, 1], [0.1, 0.9])

    assert 300 < len(paired_gains(sample, sample, get_metric("roc_auc"))) < 700  # half the draws hold both rows


def test_draw_weights_count_every_draw_once_and_come_in_chunks():
    chunks = list(draw_weights(400_000, BootstrapOptions(draws=5)))

    assert [len(chunk) for chunk in chunks] == [2, 2, 1]
    assert all((chunk.sum(axis=1) == 400_000).all() for chunk in chunks)


def test_draws_become_fewer_as_rows_grow():
    options = BootstrapOptions()

    assert [options.draws_for(rows) for rows in (0, 1_000, 20_000, 10_000_000)] == [1_000, 1_000, 500, 100]


def test_percentile_interval_is_none_when_nothing_is_defined():
    assert percentile_interval(np.array([np.nan, np.nan]), 0.9) is None
    assert percentile_interval(np.array([]), 0.9) is None
