from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor

from millwright.core.errors import InvalidInputError
from millwright.evaluation.baseline import BaselinePrediction
from millwright.evaluation.metrics.sample import classification_sample, regression_sample


def test_baseline_predicts_as_scikit_learns_prior_dummy():
    train = pl.Series(["a", "b", "b", None, "c", "b"])
    dummy = DummyClassifier(strategy="prior").fit(np.zeros((5, 1)), train.drop_nulls().to_list())
    sample = classification_sample(["a", "c"], ["c", "c"], classes=("a", "b", "c"))

    answer = BaselinePrediction.from_target(train, ("a", "b", "c")).predict(sample)

    np.testing.assert_allclose(answer.scores, dummy.predict_proba(np.zeros((2, 1))))
    assert [sample.classes[code] for code in answer.y_pred] == dummy.predict(np.zeros((2, 1))).tolist()


def test_baseline_predicts_the_mean_of_numbers():
    train = pl.Series([1.0, 2.0, 6.0, None])
    dummy = DummyRegressor().fit(np.zeros((3, 1)), train.drop_nulls().to_numpy())

    answer = BaselinePrediction.from_target(train, ()).predict(regression_sample([0.0, 1.0], [9.0, 9.0]))

    np.testing.assert_allclose(answer.y_pred, dummy.predict(np.zeros((2, 1))))


@pytest.mark.parametrize("baseline", [BaselinePrediction(priors=(0.25, 0.75)), BaselinePrediction(mean=4.5)])
def test_baseline_survives_json(baseline: BaselinePrediction):
    assert BaselinePrediction.from_json(baseline.to_json()) == baseline


def test_baseline_gives_share_zero_to_a_class_that_training_never_saw():
    sample = classification_sample(["a", "d"], ["a", "a"], classes=("a", "b", "d"))

    answer = BaselinePrediction(priors=(0.6, 0.4)).predict(sample)

    np.testing.assert_allclose(answer.scores, [[0.6, 0.4, 0.0]] * 2)


def test_baseline_refuses_another_task():
    with pytest.raises(InvalidInputError, match="mean for a regression"):
        BaselinePrediction(priors=(0.5, 0.5)).predict(regression_sample([1.0], [1.0]))
    with pytest.raises(InvalidInputError, match="2 class shares, found 0"):
        BaselinePrediction(mean=1.0).predict(classification_sample([0, 1], [0, 1]))


def test_baseline_refuses_json_that_says_nothing():
    with pytest.raises(InvalidInputError, match="found neither"):
        BaselinePrediction.from_json({})


def test_baseline_refuses_an_empty_target():
    with pytest.raises(InvalidInputError, match="found none"):
        BaselinePrediction.from_target(pl.Series("late", [None], dtype=pl.String), ("a", "b"))
