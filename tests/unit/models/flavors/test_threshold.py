from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.pipeline import Pipeline
from sklearn.tree import DecisionTreeRegressor

from millwright.models.flavors.threshold import round_down, round_thresholds

FINITE = st.floats(allow_nan=False, width=64)


@given(threshold=FINITE, value=st.floats(allow_nan=False, width=32))
def test_comparison_of_a_single_precision_value_is_the_same_after_rounding(threshold, value):
    rounded = round_down(np.array([threshold]))[0]
    assert (value <= threshold) == (value <= rounded)
    assert np.isinf(rounded) or np.float32(rounded) == rounded


@pytest.fixture
def boosted() -> Pipeline:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(500, 3)).round(1).astype(np.float32)
    return Pipeline([("model", HistGradientBoostingRegressor(max_iter=20))]).fit(rows, rows[:, 0] + rows[:, 1] ** 2)


def test_boosted_trees_answer_single_precision_rows_as_before(boosted):
    rows = np.random.default_rng(1).normal(size=(2_000, 3)).astype(np.float32)
    assert np.array_equal(round_thresholds(boosted).predict(rows), boosted.predict(rows))


def test_the_pipeline_itself_is_left_alone(boosted):
    before = boosted.steps[-1][1]._predictors[0][0].nodes["num_threshold"].copy()
    rounded = round_thresholds(boosted).steps[-1][1]._predictors[0][0].nodes["num_threshold"]
    assert np.array_equal(boosted.steps[-1][1]._predictors[0][0].nodes["num_threshold"], before)
    assert not np.array_equal(rounded, before)


def test_another_estimator_comes_back_as_it_is():
    pipeline = Pipeline([("model", DecisionTreeRegressor())]).fit([[0.0], [1.0]], [0.0, 1.0])
    assert round_thresholds(pipeline) is pipeline
