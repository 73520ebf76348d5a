from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression

from millwright.evaluation.explanation import ImportanceOptions, permutation_importances
from millwright.models.signature import Signature
from millwright.models.task import Task


def test_importances_put_the_column_that_decides_first_and_give_nothing_to_the_others(
    binary_model: Any, binary_test: pl.DataFrame
):
    found, metric = permutation_importances(binary_model.predict, binary_test, binary_model.signature)

    assert metric == "roc_auc"
    assert [one.column for one in found] == ["signal", "borough", "noise"]
    assert found[0].mean > 0.3
    assert found[0].std > 0
    assert found[1].mean == found[2].mean == 0.0


def test_importances_agree_with_scikit_learn():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(500, 3))
    y = x @ [3.0, 1.0, 0.0] + rng.normal(size=500)
    estimator = LinearRegression().fit(x, y)
    frame = pl.DataFrame(x, schema=["a", "b", "c"]).with_columns(y=y)
    signature = Signature.infer(frame.drop("y"), frame["y"], Task.REGRESSION)

    found, metric = permutation_importances(
        lambda rows: pl.DataFrame({"prediction": estimator.predict(rows.to_numpy())}),
        frame,
        signature,
        options=ImportanceOptions(repeats=30),
    )

    theirs = permutation_importance(
        estimator, x, y, scoring="neg_root_mean_squared_error", n_repeats=30, random_state=1
    )
    assert metric == "rmse"
    assert [one.column for one in found] == ["a", "b", "c"]
    np.testing.assert_allclose([one.mean for one in found], theirs.importances_mean, atol=0.05)


def test_importances_are_the_same_for_the_same_seed(binary_model: Any, binary_test: pl.DataFrame):
    first, second, other = (
        permutation_importances(
            binary_model.predict, binary_test, binary_model.signature, options=ImportanceOptions(seed=seed)
        )[0]
        for seed in (1, 1, 2)
    )

    assert first == second != other


def test_importances_predict_no_more_rows_than_the_budget(binary_model: Any, binary_test: pl.DataFrame):
    asked: list[int] = []

    def predict(frame: pl.DataFrame) -> pl.DataFrame:
        asked.append(frame.height)
        return binary_model.predict(frame)

    permutation_importances(
        predict, binary_test, binary_model.signature, options=ImportanceOptions(budget=900, min_rows=10)
    )

    assert asked == [60, 300, 300, 300]


def test_importances_are_left_out_when_no_repeats_are_asked_for(binary_model: Any, binary_test: pl.DataFrame):
    options = ImportanceOptions(repeats=0)

    assert permutation_importances(binary_model.predict, binary_test, binary_model.signature, options=options) == (
        (),
        "",
    )


def test_importances_use_another_metric_when_the_main_one_is_undefined(binary_model: Any, binary_test: pl.DataFrame):
    only_late = binary_test.filter(pl.col("late") == "yes")

    _, metric = permutation_importances(binary_model.predict, only_late, binary_model.signature)

    assert metric == "log_loss"


@pytest.mark.parametrize(("rows", "columns", "expected"), [(50, 3, 50), (10_000, 10, 2_000), (10_000, 1_000, 200)])
def test_rows_used_follow_from_the_budget(rows: int, columns: int, expected: int):
    assert ImportanceOptions().rows_for(rows, columns) == expected
