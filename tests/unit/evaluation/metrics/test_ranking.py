from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from millwright.evaluation.metrics.draws import Draws
from millwright.evaluation.metrics.ranking import average_precision, roc_auc
from millwright.evaluation.metrics.sample import classification_sample

SCORES = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.500001, 0.9, 1.0])  # few values: many ties


def draws_of(truth: Any, scores: Any, **options: Any) -> Draws:
    return Draws(classification_sample(truth, truth, scores, **options))


@given(st.lists(st.tuples(st.integers(0, 1), SCORES), min_size=2, max_size=60))
def test_ranking_metrics_equal_scikit_learn_with_ties(rows: list[tuple[int, float]]):
    truth, scores = (list(part) for part in zip(*rows, strict=True))
    draws = draws_of(truth, scores, classes=(0, 1))

    if len(set(truth)) == 2:
        assert roc_auc(draws)[0] == pytest.approx(reference.roc_auc_score(truth, scores))
    else:
        assert np.isnan(roc_auc(draws)[0])
    if any(truth):
        assert average_precision(draws)[0] == pytest.approx(reference.average_precision_score(truth, scores))
    else:
        assert np.isnan(average_precision(draws)[0])


@pytest.mark.parametrize("seed", range(3))
def test_ranking_metrics_equal_scikit_learn_over_several_classes(seed: int):
    rng = np.random.default_rng(seed)
    scores = rng.dirichlet(np.ones(4), 150).round(3)
    scores[:, 0] = 1 - scores[:, 1:].sum(axis=1)
    truth = rng.integers(0, 4, 150)
    draws = draws_of(truth, scores, classes=range(4))

    assert roc_auc(draws)[0] == pytest.approx(
        reference.roc_auc_score(truth, scores, multi_class="ovr", average="macro")
    )
    assert average_precision(draws)[0] == pytest.approx(reference.average_precision_score(truth, scores))


def test_ranking_metrics_are_undefined_when_one_of_several_classes_is_missing():
    draws = draws_of([0, 1, 0], np.full((3, 3), 1 / 3), classes=range(3))

    assert np.isnan(roc_auc(draws)[0])
    assert np.isnan(average_precision(draws)[0])


def test_ranking_metrics_equal_scikit_learn_under_weights():
    rng = np.random.default_rng(3)
    truth, scores = rng.integers(0, 2, 80), rng.random(80).round(1)
    weights = rng.integers(0, 3, (4, 80)).astype(float)
    draws = Draws(classification_sample(truth, truth, scores), weights)

    for auc, area, weight in zip(roc_auc(draws), average_precision(draws), weights, strict=True):
        assert auc == pytest.approx(reference.roc_auc_score(truth, scores, sample_weight=weight))
        assert area == pytest.approx(reference.average_precision_score(truth, scores, sample_weight=weight))
