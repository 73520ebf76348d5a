from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from millwright.evaluation.metrics import error
from millwright.evaluation.metrics.draws import Draws
from millwright.evaluation.metrics.sample import regression_sample

if TYPE_CHECKING:
    from collections.abc import Callable

PAIRS = (
    (error.rmse, reference.root_mean_squared_error),
    (error.mae, reference.mean_absolute_error),
    (error.r2, reference.r2_score),
    (error.mape, reference.mean_absolute_percentage_error),
    (error.median_ae, reference.median_absolute_error),
)


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
@pytest.mark.parametrize("rows", [2, 3, 50, 51])
def test_error_metrics_equal_scikit_learn(ours: Callable[..., Any], theirs: Callable[..., Any], rows: int):
    rng = np.random.default_rng(rows)
    truth, said = rng.normal(100, 20, rows), rng.normal(100, 20, rows)

    assert ours(Draws(regression_sample(truth, said)))[0] == pytest.approx(theirs(truth, said))


@pytest.mark.parametrize(("ours", "theirs"), PAIRS[:4])
def test_error_metrics_equal_scikit_learn_under_weights(ours: Callable[..., Any], theirs: Callable[..., Any]):
    rng = np.random.default_rng(5)
    truth, said = rng.normal(100, 20, 30), rng.normal(100, 20, 30)
    weights = rng.integers(0, 3, (3, 30)).astype(float)

    for value, weight in zip(ours(Draws(regression_sample(truth, said), weights)), weights, strict=True):
        assert value == pytest.approx(theirs(truth, said, sample_weight=weight))


@given(
    st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 3)), min_size=1, max_size=30).filter(
        lambda p: sum(w for _, w in p)
    )
)
def test_median_error_equals_the_median_of_repeated_rows(pairs: list[tuple[int, int]]):
    errors, weights = (np.array(part, dtype=float) for part in zip(*pairs, strict=True))
    draws = Draws(regression_sample(np.zeros(len(errors)), errors), weights[None, :])

    expected = np.median(np.repeat(np.abs(errors), weights.astype(int)))
    assert error.median_ae(draws)[0] == expected


@pytest.mark.parametrize("truth", [[3.0], [2.5, 2.5, 2.5], [1e9, 1e9]])
def test_r2_is_undefined_when_all_true_values_are_equal(truth: list[float]):
    assert np.isnan(error.r2(Draws(regression_sample(truth, [1.0] * len(truth))))[0])


def test_r2_equals_scikit_learn_when_values_are_large_and_close():
    truth = 1e8 + np.arange(5.0)
    said = truth + np.array([0.1, -0.2, 0.3, 0.0, 0.1])

    assert error.r2(Draws(regression_sample(truth, said)))[0] == pytest.approx(
        reference.r2_score(truth, said), rel=1e-6
    )


def test_mape_is_undefined_when_a_true_value_is_zero():
    assert np.isnan(error.mape(Draws(regression_sample([0.0, 2.0], [1.0, 2.0])))[0])
