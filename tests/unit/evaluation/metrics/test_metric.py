from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.evaluation.metrics.catalog import all_metrics
from millwright.evaluation.metrics.draws import Draws
from millwright.evaluation.metrics.metric import Metric, measure
from millwright.evaluation.metrics.sample import Sample, classification_sample, regression_sample
from millwright.models.task import Task

METRICS = tuple(all_metrics().values())
PAIRS = [(metric, task) for metric in METRICS for task in sorted(metric.tasks)]


def a_sample(task: Task, seed: int = 0, rows: int = 120) -> Sample:
    rng = np.random.default_rng(seed)
    if task is Task.REGRESSION:
        truth = rng.normal(5, 2, rows)
        return regression_sample(truth, truth + rng.normal(0, 1, rows))
    k = 2 if task is Task.BINARY else 4
    scores = rng.dirichlet(np.ones(k), rows).round(2)  # rounding makes ties
    scores[:, 0] = 1 - scores[:, 1:].sum(axis=1)
    scores = scores.clip(0, 1)
    truth = np.array([rng.choice(k, p=row / row.sum()) for row in scores])
    return classification_sample(truth, scores.argmax(axis=1), scores, classes=range(k))


@pytest.mark.parametrize(("metric", "task"), PAIRS, ids=lambda value: getattr(value, "name", str(value)))
class TestEveryMetric:
    """The check list that each metric of the catalogue goes through, found by discovery."""

    def test_has_a_value_on_ordinary_rows(self, metric: Metric, task: Task):
        value = metric.value(a_sample(task))

        assert value is not None
        assert not metric.bounded or 0.0 <= value <= 1.0

    def test_counts_a_row_of_weight_two_like_that_row_twice(self, metric: Metric, task: Task):
        sample = a_sample(task)
        weights = np.random.default_rng(1).integers(0, 4, (2, sample.rows)).astype(float)

        weighted = metric.function(Draws(sample, weights))

        for value, weight in zip(weighted, weights, strict=True):
            repeated = sample.where(np.repeat(np.arange(sample.rows), weight.astype(int)))
            assert metric.value(repeated) == pytest.approx(value, rel=1e-9)

    def test_does_not_depend_on_the_order_of_the_rows(self, metric: Metric, task: Task):
        sample = a_sample(task)
        shuffled = sample.where(np.random.default_rng(2).permutation(sample.rows))

        assert metric.value(shuffled) == pytest.approx(metric.value(sample), rel=1e-9)

    def test_is_best_for_perfect_answers(self, metric: Metric, task: Task):
        sample = a_sample(task)
        k = len(sample.classes)
        scores = np.eye(k)[sample.y_true] if k else None
        perfect = Sample(task=task, y_true=sample.y_true, y_pred=sample.y_true, scores=scores, classes=sample.classes)

        value, ordinary = metric.value(perfect), metric.value(sample)

        assert value == pytest.approx(1.0 if metric.greater_is_better else 0.0, abs=1e-9)
        assert value is not None
        assert ordinary is not None
        assert metric.gain(value, ordinary) > 0

    def test_gives_a_number_or_nothing_for_a_single_row(self, metric: Metric, task: Task):
        value = metric.value(a_sample(task, rows=1))

        assert value is None or np.isfinite(value)

    def test_does_not_apply_without_the_scores_it_needs(self, metric: Metric, task: Task):
        sample = a_sample(task)
        bare = Sample(task=task, y_true=sample.y_true, y_pred=sample.y_pred, classes=sample.classes)

        assert (metric.value(bare) is None) == metric.needs_scores

    def test_says_what_it_is(self, metric: Metric, task: Task):
        assert task in metric.tasks
        assert metric.title
        assert metric.description.endswith(".")


@given(st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=1, max_size=40))
def test_measure_never_gives_nan_whatever_the_rows(rows: list[tuple[int, float]]):
    truth, score = zip(*rows, strict=True)
    sample = classification_sample(truth, [int(value > 0.5) for value in score], score)

    values = measure(sample, METRICS)

    assert values
    assert all(np.isfinite(value) for value in values.values())


def test_gain_is_positive_when_a_lower_loss_is_reached():
    known = all_metrics()

    assert known["rmse"].gain(1.0, 3.0) == 2.0
    assert known["accuracy"].gain(0.7, 0.9) == pytest.approx(-0.2)
