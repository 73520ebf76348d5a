from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import lightgbm
import numpy as np
import pytest
import xgboost
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, PoissonRegressor

from millwright.core.errors import InvalidInputError, UnsafeArtifactError
from millwright.models.adoption import adopt
from millwright.models.compile.compilation import compile_model
from millwright.models.explanation import Explainer, ExplainOptions
from millwright.models.function import PythonFunction
from millwright.models.package import PackageLoader, load_predictor, pack
from millwright.models.rules import InputRules, with_rules
from unit.models.functions import ROWS, delay_module
from unit.models.numbers import goal, matrix_of, numeric_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import polars as pl

    from millwright.models.model import Model

_LIGHTGBM = {"two": "binary", "three": "multiclass", "numbers": "regression"}
_XGBOOST = {"two": "binary:logistic", "three": "multi:softprob", "numbers": "reg:squarederror"}


def _tree_model(library: str, kind: str, **params: Any) -> Model:
    rows = numeric_rows()
    count = {"num_class": 3} if kind == "three" else {}
    if library == "lightgbm":
        data = lightgbm.Dataset(matrix_of(rows), goal(rows, kind))
        found = lightgbm.train({"objective": _LIGHTGBM[kind], "verbose": -1, **count, **params}, data, 8)
        return adopt(found, rows)
    matrix = xgboost.DMatrix(matrix_of(rows), goal(rows, kind))
    return adopt(xgboost.train({"objective": _XGBOOST[kind], **count, **params}, matrix, 8), rows)


def _score(kind: str, answer: dict[str, Any], output: str) -> float:
    """What contributions should add up to; for three classes the difference to another class tells more."""
    return float(np.log(answer[output] / (1 - answer[output]))) if kind == "two" else float(answer[output])


@pytest.mark.parametrize("kind", ["two", "three", "numbers"])
@pytest.mark.parametrize("library", ["lightgbm", "xgboost"])
def test_trees_tell_exact_contributions_that_add_up_to_the_raw_prediction(library: str, kind: str) -> None:
    model = _tree_model(library, kind)
    package = pack(model, compilation=compile_model(model, numeric_rows()))
    rows = numeric_rows().head(20).to_dicts()

    predictor = load_predictor(package)
    found = Explainer.from_package(package, predictor=predictor).explain(rows)

    assert predictor.engine == "onnxruntime"
    for each, answer in zip(found, predictor.predict_rows(rows), strict=True):
        assert (each.method, list(each.values)) == ("tree", ["planned days", "share", "floors", "late"])
        assert each.scale == ("answer" if kind == "numbers" else "margin")
        if kind == "three":
            assert each.output == f"probability_{answer['prediction']}"
        else:
            assert each.output == ("probability" if kind == "two" else "prediction")
            assert each.total == pytest.approx(_score(kind, answer, each.output), rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("library", ["lightgbm", "xgboost"])
def test_contributions_of_classes_give_their_probabilities(library: str) -> None:
    model, rows = _tree_model(library, "three"), numeric_rows().head(20)
    flavor = {"lightgbm": "LightgbmFlavor", "xgboost": "XgboostFlavor"}[library]
    module = __import__(f"millwright.models.flavors.{library}", fromlist=[flavor])
    parts = getattr(module, flavor)().contribute(
        model.estimator, model.encoder.encode(rows, model.signature), classes=3
    )

    scores = np.exp(parts.sum(axis=2))  # (20, 3)

    assert parts.shape == (20, 3, 5)
    assert scores / scores.sum(axis=1, keepdims=True) == pytest.approx(model.compute_table(rows), abs=1e-5)


def test_forest_of_lightgbm_adds_up_though_its_answer_is_a_mean() -> None:
    rows = numeric_rows().head(5).to_dicts()
    forest = _tree_model("lightgbm", "numbers", boosting="rf", bagging_freq=1, bagging_fraction=0.6)
    for each, answer in zip(
        Explainer.from_package(pack(forest)).explain(rows), load_predictor(pack(forest)).predict_rows(rows), strict=True
    ):
        assert each.scale == "answer"
        assert each.total == pytest.approx(answer["prediction"], rel=1e-4)


def test_linear_model_is_its_weights_times_the_distance_to_the_background() -> None:
    rows = numeric_rows(nulls=False)
    fitted = LinearRegression().fit(matrix_of(rows), goal(rows, "numbers"))
    found = Explainer.from_package(pack(adopt(fitted, rows)), background=rows.head(40).to_dicts()).explain(
        rows.tail(3).to_dicts()
    )

    matrix, mean = matrix_of(rows)[-3:], matrix_of(rows)[:40].mean(axis=0)
    expected = fitted.coef_ * (matrix - mean)
    for each, values, total in zip(found, expected, fitted.predict(matrix), strict=True):
        assert (each.method, each.scale, each.output) == ("linear", "answer", "prediction")
        assert list(each.values.values()) == pytest.approx(values.tolist(), rel=1e-3, abs=1e-2)
        assert each.total == pytest.approx(total, rel=1e-4)


def test_linear_pipeline_behind_an_encoder_adds_up_to_the_odds_by_raw_column(model: Model, frame: pl.DataFrame) -> None:
    rows = list(model.example)
    found = Explainer.from_package(pack(model)).explain(rows)

    for each, answer in zip(found, model.predict(frame.head(3)).to_dicts(), strict=True):
        assert (each.method, each.scale) == ("linear", "margin")
        assert tuple(each.values) == tuple(frame.columns)
        assert each.total == pytest.approx(np.log(answer["probability"] / (1 - answer["probability"])), rel=1e-4)
    assert any(each.values["borough\n"] for each in found)


def test_three_classes_of_a_linear_model_explain_the_predicted_one() -> None:
    rows = numeric_rows(nulls=False)
    fitted = LogisticRegression(max_iter=2_000).fit(matrix_of(rows), goal(rows, "three"))
    model = adopt(fitted, rows)
    (found,) = Explainer.from_package(pack(model)).explain([rows.row(7, named=True)])

    scores = fitted.decision_function(matrix_of(rows)[7:8])[0]
    assert found.output == f"probability_{scores.argmax()}"
    assert found.total == pytest.approx(scores.max(), rel=1e-3)


@pytest.mark.parametrize("budget", [2_000, 40])
def test_other_models_are_compared_with_the_example_within_the_budget(budget: int) -> None:
    rows = numeric_rows(nulls=False)
    model = adopt(RandomForestClassifier(10, random_state=0).fit(matrix_of(rows), goal(rows, "two")), rows)
    (found,) = Explainer.from_package(pack(model), options=ExplainOptions(budget=budget)).explain(
        [rows.row(9, named=True)]
    )

    assert (found.scale, found.output) == ("answer", "probability")
    assert found.method == ("shapley" if budget == 2_000 else "sampled")
    assert found.total == pytest.approx(model.predict(rows[9:10])["probability"][0])


def test_regression_with_a_link_is_no_linear_model() -> None:
    rows = numeric_rows(nulls=False)
    fitted = PoissonRegressor().fit(matrix_of(rows), np.abs(goal(rows, "numbers")))
    (found,) = Explainer.from_package(pack(adopt(fitted, rows))).explain([rows.row(9, named=True)])

    assert (found.method, found.scale) == ("shapley", "answer")


def test_function_is_explained_where_code_may_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = delay_module(tmp_path, monkeypatch)
    function = PythonFunction(model=module.Delay, artifacts=tmp_path / "artifacts", params={"factor": 2.0})
    package = pack(adopt(function, ROWS.head(2)))

    with pytest.raises(UnsafeArtifactError, match="allow_code"):
        Explainer.from_package(package)
    (found,) = Explainer.from_package(package, loader=PackageLoader(allow_code=True)).explain(
        [{"days": 30, "borough": None, "note": None}]
    )
    assert found.values == pytest.approx({"days": 15.0, "borough": -6.0, "note": 0.0})
    assert (found.base, found.total) == pytest.approx((21.0, 30.0))


def test_model_whose_library_is_missing_is_explained_by_its_compilation(monkeypatch: pytest.MonkeyPatch) -> None:
    model = _tree_model("lightgbm", "numbers")
    package = pack(model, compilation=compile_model(model, numeric_rows()))
    rows = numeric_rows().head(2).to_dicts()
    monkeypatch.setitem(sys.modules, "lightgbm", None)

    found = Explainer.from_package(package).explain(rows)

    assert {each.method for each in found} == {"shapley"}
    assert [each.total for each in found] == pytest.approx(
        [answer["prediction"] for answer in load_predictor(package).predict_rows(rows)]
    )


def test_package_is_explained_in_a_fresh_process(tmp_path: Path) -> None:
    package = pack(_tree_model("xgboost", "two"))
    (tmp_path / "model.zip").write_bytes(package)
    code = (
        "import json, sys; from pathlib import Path; from millwright.models.explanation import Explainer;"
        "data = Path(sys.argv[1]).read_bytes();"
        "print(json.dumps(Explainer.from_package(data).explain(json.loads(sys.argv[2]))[0].to_json()))"
    )
    row = {"planned days": None, "share": 0.5, "floors": 3, "late": True}

    import json

    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "model.zip"), json.dumps([row])],
        capture_output=True, text=True, check=True, cwd="/",
    )  # fmt: skip

    assert json.loads(done.stdout) == Explainer.from_package(package).explain([row])[0].to_json()


def test_defaults_stand_in_before_a_row_is_explained(make_model: Callable[..., Model], frame: pl.DataFrame) -> None:
    model = with_rules(
        make_model(LogisticRegression(max_iter=500)),
        InputRules(optional=("floors.count",), defaults={"floors.count": 7}),
    )
    explainer = Explainer.from_package(pack(model))
    row = dict(model.example[0])

    without = {name: value for name, value in row.items() if name != "floors.count"}

    assert explainer.explain([without]) == explainer.explain([{**row, "floors.count": 7}])
    assert explainer.explain([]) == []


def test_package_without_example_has_nothing_to_compare_with(model: Model) -> None:
    with pytest.raises(InvalidInputError, match="Expected example rows"):
        Explainer.from_package(pack(replace(model, example=())))
