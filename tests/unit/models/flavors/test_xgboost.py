from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from millwright.core.errors import InvalidInputError, UnsafeArtifactError
from millwright.models.adoption import adopt
from millwright.models.compile.compilation import compile_model
from millwright.models.flavors.xgboost import MEMBER, XgboostFlavor
from millwright.models.package import load_predictor, pack, unpack
from unit.models.numbers import goal, matrix_of, numeric_rows

if TYPE_CHECKING:
    import polars as pl

xgboost = pytest.importorskip("xgboost", reason="needs xgboost, or xgboost-cpu")


def _booster(rows: pl.DataFrame, kind: str = "two", **params: Any) -> Any:
    objective = {"two": "binary:logistic", "three": "multi:softprob", "number": "reg:squarederror"}[kind]
    given = {"objective": objective, "nthread": 1, **params}
    if kind == "three":
        given["num_class"] = 3
    data = xgboost.DMatrix(matrix_of(rows), goal(rows, kind), feature_names=rows.columns)
    return xgboost.train(given, data, 20)


@pytest.mark.parametrize("kind", ["two", "three", "number"])
@pytest.mark.parametrize("nulls", [True, False])
def test_model_answers_what_xgboost_answers_before_and_after_storing(kind: str, *, nulls: bool) -> None:
    rows = numeric_rows(nulls=nulls)
    booster = _booster(rows, kind)
    expected = booster.inplace_predict(matrix_of(rows), validate_features=False)

    model = adopt(booster, rows)
    again = unpack(pack(model))

    for each in (model, again):
        values = each.compute(each.encoder.encode(rows, each.signature))
        np.testing.assert_array_equal(values[:, 1] if kind == "two" else values, expected)
    assert pack(again) == pack(model)


@pytest.mark.parametrize("kind", ["two", "three", "number"])
@pytest.mark.parametrize("nulls", [True, False])
def test_compilation_is_proven_on_training_rows_and_edges(kind: str, *, nulls: bool) -> None:
    pytest.importorskip("onnxmltools", reason="needs onnxmltools")
    rows = numeric_rows(nulls=nulls)
    model = adopt(_booster(rows, kind), rows)

    compilation = compile_model(model, rows)
    predictor = load_predictor(pack(model, compilation=compilation))

    assert (compilation.status, predictor.engine) == ("proven", "onnxruntime")
    assert compilation.max_difference < 1e-5


def test_classifier_brings_its_classes_and_is_cut_at_its_best_iteration() -> None:
    rows = numeric_rows()
    values, labels = matrix_of(rows), goal(rows, "two")
    fitted = xgboost.XGBClassifier(n_estimators=30, early_stopping_rounds=2, n_jobs=1)
    fitted.fit(values, labels, eval_set=[(values[:200], np.roll(labels[:200], 1))], verbose=False)

    model = adopt(fitted, rows, classes=("early", "late"))

    assert model.signature.classes == ("early", "late")
    found = model.compute(model.encoder.encode(rows, model.signature))
    np.testing.assert_allclose(found, fitted.predict_proba(values), atol=1e-7)
    assert model.estimator.num_boosted_rounds() == fitted.best_iteration + 1


def test_model_of_another_kind_is_refused_with_the_reason() -> None:
    rows = numeric_rows()

    with pytest.raises(InvalidInputError, match="'gbtree'"):
        adopt(_booster(rows, booster="dart"), rows)
    with pytest.raises(InvalidInputError, match="found 'rank:pairwise'"):
        adopt(_booster(rows, objective="rank:pairwise"), rows)
    with pytest.raises(InvalidInputError, match="Fit it first"):
        adopt(xgboost.XGBRegressor(), rows)


def test_file_that_takes_or_answers_something_else_is_refused() -> None:
    rows = numeric_rows()
    flavor = XgboostFlavor()
    members = flavor.dump(adopt(_booster(rows), rows).estimator)

    with pytest.raises(UnsafeArtifactError, match="takes 4 columns"):
        flavor.load(members, columns=4, classes=3)
    with pytest.raises(UnsafeArtifactError, match="does not load"):
        flavor.load({MEMBER: b"{}"}, columns=4, classes=2)


@pytest.mark.parametrize("kind", ["two", "three", "numbers"])
def test_booster_goes_on_from_a_package_as_without_the_detour(kind: str) -> None:
    rows = numeric_rows()
    matrix, target = matrix_of(rows), goal(rows, kind)
    objective = {"two": "binary:logistic", "three": "multi:softprob", "numbers": "reg:squarederror"}[kind]
    settings = {"objective": objective, "nthread": 1} | ({"num_class": 3} if kind == "three" else {})
    whole = xgboost.DMatrix(matrix, target)

    def fit(begin: int, start: Any = None) -> Any:
        data = xgboost.DMatrix(matrix[begin:], target[begin:])
        return xgboost.train(settings, data, num_boost_round=5, xgb_model=start)

    first = fit(300)
    again = fit(0, unpack(pack(adopt(first, rows))).native())

    assert again.num_boosted_rounds() == 10
    np.testing.assert_allclose(again.predict(whole), fit(0, first).predict(whole), rtol=1e-6)
