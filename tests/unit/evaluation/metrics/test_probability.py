from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn import metrics as reference

from millwright.evaluation.metrics.draws import Draws
from millwright.evaluation.metrics.probability import brier, log_loss
from millwright.evaluation.metrics.sample import classification_sample

if TYPE_CHECKING:
    from collections.abc import Callable


def draws_of(truth: Any, scores: Any, **options: Any) -> Draws:
    return Draws(classification_sample(truth, truth, scores, **options))


def test_probability_metrics_equal_scikit_learn_for_two_classes():
    rng = np.random.default_rng(0)
    truth, scores = rng.integers(0, 2, 100), rng.random(100)
    scores[:2] = [0.0, 1.0]
    draws = draws_of(truth, scores)

    assert brier(draws)[0] == pytest.approx(reference.brier_score_loss(truth, scores))
    assert log_loss(draws)[0] == pytest.approx(reference.log_loss(truth, y_proba=scores))


def test_probability_metrics_equal_scikit_learn_for_several_classes():
    rng = np.random.default_rng(1)
    scores = rng.dirichlet(np.ones(3), 100)
    truth = rng.integers(0, 3, 100)
    draws = draws_of(truth, scores, classes=range(3))

    assert brier(draws)[0] == pytest.approx(reference.brier_score_loss(truth, scores))
    assert log_loss(draws)[0] == pytest.approx(reference.log_loss(truth, y_proba=scores))


def test_probability_metrics_are_defined_when_only_one_class_occurs():
    draws = draws_of([1, 1], [0.5, 1.0])

    assert brier(draws)[0] == pytest.approx(0.125)
    assert log_loss(draws)[0] == pytest.approx(np.log(2) / 2)


@pytest.mark.parametrize("metric", [brier, log_loss])
def test_probability_metrics_need_scores(metric: Callable[..., Any]):
    with pytest.raises(ValueError, match="need scores"):
        metric(Draws(classification_sample([0, 1], [0, 1])))
