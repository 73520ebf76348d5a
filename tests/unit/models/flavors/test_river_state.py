"""Kinds of River's models, each stored, built and compared; and files that nobody but an attacker would write."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import InvalidInputError, UnsafeArtifactError
from millwright.models.flavors.river_state import Builder, NodeTable

pytest.importorskip("river")

from river import compose, ensemble, forest, linear_model, naive_bayes, neighbors, optim, preprocessing, rules, tree
from river.datasets import synth

if TYPE_CHECKING:
    from collections.abc import Callable

CLASSIFIERS: dict[str, Callable[[], Any]] = {
    "logistic": lambda: preprocessing.StandardScaler() | linear_model.LogisticRegression(optim.Adam()),
    "softmax": linear_model.SoftmaxRegression,
    "texts": lambda: (
        (compose.SelectType(str) | preprocessing.OneHotEncoder())
        + (compose.SelectType((int, float)) | preprocessing.StandardScaler())
        | linear_model.LogisticRegression()
    ),
    "hoeffding": lambda: tree.HoeffdingTreeClassifier(grace_period=50),
    "adaptive hoeffding": lambda: tree.HoeffdingAdaptiveTreeClassifier(seed=1, grace_period=50),
    "adaptive forest": lambda: forest.ARFClassifier(n_models=2, seed=1),
    "mondrian": lambda: forest.AMFClassifier(n_estimators=2, seed=1),
    "bayes": naive_bayes.GaussianNB,
    "neighbours": neighbors.KNNClassifier,
    "boosting": lambda: ensemble.AdaBoostClassifier(tree.HoeffdingTreeClassifier(), n_models=2, seed=1),
    "leveraging": lambda: ensemble.LeveragingBaggingClassifier(linear_model.LogisticRegression(), n_models=2, seed=1),
}
REGRESSORS: dict[str, Callable[[], Any]] = {
    "linear": lambda: preprocessing.StandardScaler() | linear_model.LinearRegression(),
    "bayesian": linear_model.BayesianLinearRegression,
    "tree": lambda: tree.HoeffdingTreeRegressor(grace_period=50),
    "rules": rules.AMRules,
}


def stored(model: Any) -> str:
    table = NodeTable(model)
    return json.dumps([table.root, table.nodes], allow_nan=False)


def built(text: str) -> Any:
    root, nodes = json.loads(text)
    return Builder(nodes).value(root)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_classifier_that_was_built_answers_and_learns_on_as_the_one_that_was_stored(name: str):
    model = CLASSIFIERS[name]()
    rows = [({**row, "town": "north" if row["age"] < 40 else "south"} if name == "texts" else row, bool(truth))
            for row, truth in synth.Agrawal(seed=1).take(300)]  # fmt: skip
    for row, truth in rows[:250]:
        model.learn_one(row, truth)

    text = stored(model)
    copy = built(text)

    assert stored(copy) == text
    assert [copy.predict_proba_one(row) for row, _ in rows] == [model.predict_proba_one(row) for row, _ in rows]
    for row, truth in rows[250:]:
        model.learn_one(row, truth)
        copy.learn_one(row, truth)
    assert [copy.predict_proba_one(row) for row, _ in rows] == [model.predict_proba_one(row) for row, _ in rows]


@pytest.mark.parametrize("name", REGRESSORS)
def test_regressor_that_was_built_answers_and_learns_on_as_the_one_that_was_stored(name: str):
    model = REGRESSORS[name]()
    rows = list(synth.Friedman(seed=1).take(300))
    for row, truth in rows[:250]:
        model.learn_one(row, truth)

    copy = built(stored(model))
    for row, truth in rows[250:]:
        assert copy.predict_one(row) == model.predict_one(row)
        model.learn_one(row, truth)
        copy.learn_one(row, truth)


def test_function_of_ones_own_cannot_be_stored_and_its_place_is_named():
    model = compose.FuncTransformer(lambda row: row) | linear_model.LinearRegression()

    with pytest.raises(InvalidInputError, match=r"<lambda>, which is no part of River.*Pipeline.*func"):
        stored(model)


HARMFUL = {
    "foreign class": ["object", "subprocess.Popen", [], [], None],
    "foreign class under River's name": ["object", "river.base.base.inspect.Signature", [], [], None],
    "function as a class": ["object", "river.stats.mean.Mean.update", [], [], None],
    "data from elsewhere": ["object", "river.datasets.phishing.Phishing", [], [], None],
    "foreign function": ["global", "os.system"],
    "evaluation": ["global", "builtins.eval"],
    "unknown kind": ["reduce", "os.system"],
    "array of objects": ["array", "|O", [1], "C", "AAAAAAAAAAA="],
}


@pytest.mark.parametrize("name", HARMFUL)
def test_file_with_what_is_not_rivers_is_refused(name: str):
    with pytest.raises(UnsafeArtifactError, match="Millwright does not load that"):
        Builder([["list", [{"r": 1}]], HARMFUL[name]])


def test_method_that_river_does_not_have_there_is_refused():
    nodes = [
        ["list", [{"r": 1}]],
        ["method", {"r": 2}, "__reduce__"],
        ["object", "river.stats.mean.Mean", [], [], None],
    ]

    with pytest.raises(UnsafeArtifactError, match="the method '__reduce__' of a Mean"):
        Builder(nodes)


def test_tuple_that_is_a_part_of_itself_is_refused():
    with pytest.raises(UnsafeArtifactError, match="part of itself"):
        Builder([["list", [{"r": 1}]], ["tuple", [{"r": 1}]]])
