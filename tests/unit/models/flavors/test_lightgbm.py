from __future__ import annotations

from typing import TYPE_CHECKING, Any

import lightgbm
import numpy as np
import pytest

from millwright.core.errors import InvalidInputError, UnsafeArtifactError
from millwright.models.adoption import adopt
from millwright.models.compile.compilation import compile_model
from millwright.models.flavors.lightgbm import MEMBER, LightgbmFlavor
from millwright.models.package import load_predictor, pack, read_manifest, unpack
from unit.models.numbers import goal, matrix_of, numeric_rows

if TYPE_CHECKING:
    import polars as pl


def _booster(rows: pl.DataFrame, kind: str = "two", **params: Any) -> lightgbm.Booster:
    objective = {"two": "binary", "three": "multiclass", "number": "regression"}[kind]
    given = {"objective": objective, "verbose": -1, "num_threads": 1, "deterministic": True, "seed": 1, **params}
    if kind == "three":
        given["num_class"] = 3
    data = lightgbm.Dataset(matrix_of(rows), goal(rows, kind), feature_name=rows.columns)
    return lightgbm.train(given, data, params.pop("rounds", 25))


@pytest.mark.parametrize("kind", ["two", "three", "number"])
@pytest.mark.parametrize("nulls", [True, False])
def test_model_answers_what_lightgbm_answers_before_and_after_storing(kind: str, *, nulls: bool) -> None:
    rows = numeric_rows(nulls=nulls)
    booster = _booster(rows, kind)
    expected = booster.predict(matrix_of(rows))

    model = adopt(booster, rows, classes=("early", "late") if kind == "two" else ())
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


def test_compilation_that_answers_otherwise_is_refused_and_served_natively() -> None:
    pytest.importorskip("onnxmltools", reason="needs onnxmltools")
    rows = numeric_rows()
    # onnxmltools 1.16 sums the trees of a random forest where LightGBM takes the mean.
    model = adopt(_booster(rows, boosting="rf", bagging_freq=1, bagging_fraction=0.6), rows)

    compilation = compile_model(model, rows)
    predictor = load_predictor(pack(model, compilation=compilation))

    assert (compilation.status, predictor.engine) == ("refused", "lightgbm")
    assert "answers differ" in compilation.reason


def test_classifier_brings_its_classes_and_columns_are_found_by_name() -> None:
    rows = numeric_rows()
    labels = np.where(goal(rows, "two") > 0, "late", "early")
    fitted = lightgbm.LGBMClassifier(n_estimators=5, verbose=-1, n_jobs=1).fit(rows.to_pandas(), labels)

    model = adopt(fitted, rows.select("late", "floors", "share", "planned days"))

    assert model.signature.classes == ("early", "late")
    assert [column.name for column in model.signature.inputs] == rows.columns
    assert [column.required for column in model.signature.inputs] == [False, True, True, True]
    assert read_manifest(pack(model))["libraries"]["lightgbm"] == lightgbm.__version__


def test_booster_is_cut_at_its_best_iteration() -> None:
    rows = numeric_rows()
    booster = _booster(rows)
    booster.best_iteration = 3

    assert adopt(booster, rows).estimator.num_trees() == 3


def test_model_with_categories_of_pandas_or_an_unknown_objective_is_refused() -> None:
    rows = numeric_rows()
    frame = rows.to_pandas().astype({"floors": "category"})
    fitted = lightgbm.LGBMRegressor(n_estimators=2, verbose=-1).fit(frame, goal(rows, "number"))

    with pytest.raises(InvalidInputError, match="categories of pandas"):
        adopt(fitted, rows)
    with pytest.raises(InvalidInputError, match="found 'cross_entropy'"):
        adopt(_booster(rows, objective="cross_entropy"), rows)
    with pytest.raises(InvalidInputError, match="Fit it first"):
        adopt(lightgbm.LGBMRegressor(), rows)


def test_file_that_takes_or_answers_something_else_is_refused() -> None:
    rows = numeric_rows()
    flavor = LightgbmFlavor()
    members = flavor.dump(adopt(_booster(rows), rows).estimator)

    with pytest.raises(UnsafeArtifactError, match="takes 4 columns"):
        flavor.load(members, columns=5, classes=2)
    with pytest.raises(UnsafeArtifactError, match="does not load"):
        flavor.load({MEMBER: b"tree\nnonsense"}, columns=4, classes=2)


@pytest.mark.parametrize("kind", ["two", "three", "numbers"])
def test_booster_goes_on_from_a_package_as_without_the_detour(kind: str) -> None:
    rows = numeric_rows()
    matrix, target = matrix_of(rows), goal(rows, kind)
    objective = {"two": "binary", "three": "multiclass", "numbers": "regression"}[kind]
    settings = {"objective": objective, "verbose": -1, "num_threads": 1} | ({"num_class": 3} if kind == "three" else {})

    def fit(begin: int, start: Any = None) -> Any:
        data = lightgbm.Dataset(matrix[begin:], target[begin:])
        return lightgbm.train(settings, data, num_boost_round=5, init_model=start)

    first = fit(300)
    again = fit(0, unpack(pack(adopt(first, rows))).native())

    assert again.num_trees() == 2 * first.num_trees()
    np.testing.assert_allclose(again.predict(matrix), fit(0, first).predict(matrix), rtol=1e-9)
