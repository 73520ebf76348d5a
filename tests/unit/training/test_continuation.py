from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from millwright.models.adoption import adopt
from millwright.models.package import pack, unpack
from millwright.training.continuation import MOST, RECORD, Earlier, obstacle, train_from
from millwright.training.options import TuningOptions
from millwright.training.table import prepare
from millwright.training.tuning import tune

if TYPE_CHECKING:
    from millwright.models.model import Model


def table(*, seed: int = 0, shift: float = 0.0, rows: int = 300) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    load, days = random.normal(size=rows) + shift, random.integers(1, 60, rows)
    crew = random.choice(["a", "b", "c"], rows)
    score = load + (crew == "a") + random.normal(scale=0.3, size=rows)
    return pl.DataFrame(
        {"load": load, "crew": crew, "days": days, "late": np.where(score > 0.4, "yes", "no"), "cost": score}
    )


def tuned(candidate: str, target: str = "late") -> Model:
    return tune(table(), target=target, options=options(candidate, target))


def options(candidate: str, target: str = "late") -> TuningOptions:
    other = "cost" if target == "late" else "late"
    return TuningOptions(candidates=(candidate,), trials=1, folds=2, exclude=(other,))


def gone_on(model: Model, candidate: str, target: str = "late", **new: Any) -> Model:
    earlier = Earlier(ref="delay@3", model=unpack(pack(model)))
    return train_from(
        earlier, table(**({"seed": 1, "shift": 0.5} | new)), target=target, options=options(candidate, target)
    )


@pytest.mark.parametrize(
    ("candidate", "target", "how"),
    [
        ("hist_gradient_boosting", "late", "25 rounds more, 125 in all, 100 at first"),
        ("hist_gradient_boosting", "cost", "25 rounds more, 125 in all, 100 at first"),
        ("random_forest", "late", "25 of 100 trees, the oldest, were replaced"),
        ("random_forest", "cost", "25 of 100 trees, the oldest, were replaced"),
        ("logistic_regression", "late", "the solver began at its coefficients"),
        ("elastic_net", "cost", "the solver began at its coefficients"),
    ],
)
def test_model_goes_on_where_its_kind_can(candidate: str, target: str, how: str) -> None:
    model = tuned(candidate, target)
    found = gone_on(model, candidate, target)

    rounds = 100 if "boosting" in candidate else 0
    told = {"version": "delay@3", "continued": True, "how": how, "generation": 1, "rounds": rounds}
    assert found.training[RECORD] == told
    assert (found.training["candidate"], found.training["params"]) == (candidate, model.training["params"])
    assert found.encoder == model.encoder
    assert "leaderboard" not in found.training
    assert unpack(pack(found)).predict(table(rows=20)).equals(found.predict(table(rows=20)))
    assert pack(gone_on(model, candidate, target)) == pack(found)


@pytest.mark.parametrize("candidate", ["decision_tree", "naive_bayes", "k_nearest_neighbors"])
def test_model_of_another_kind_is_searched_for_from_nothing(candidate: str) -> None:
    found = gone_on(tuned(candidate), candidate)

    told = found.training[RECORD]
    assert (told["version"], told["continued"]) == ("delay@3", False)
    assert told["reason"].endswith("cannot go on from an earlier fit")
    assert found.training["leaderboard"]


def test_boosting_goes_on_from_what_the_trees_answer_on_rows_they_never_saw() -> None:
    """The first new tree is the one that Friedman's boosting asks for (Annals of Statistics 29, 2001).

    With one leaf per value, a leaf is - learning rate * sum of gradients / (sum of hessians + l2), taken at what the
    earlier trees answer. scikit-learn's own warm start takes other answers, since it sorts new rows into new bins.
    """
    random = np.random.default_rng(0)
    first = random.normal(size=(400, 1))
    second = first + 3.0  # so that bins have other numbers
    fitted = HistGradientBoostingClassifier(
        max_iter=4, learning_rate=0.5, max_leaf_nodes=2, min_samples_leaf=1, l2_regularization=1.0, random_state=0
    ).fit(first, first[:, 0] > 0)
    rows = pl.DataFrame({"load": second[:, 0], "late": second[:, 0] > 3.2})
    model = adopt(fitted, pl.DataFrame({"load": first[:, 0]}), target="late")

    found = train_from(Earlier(ref="delay@3", model=model), rows, target="late", options=TuningOptions())

    matrix = second.astype(np.float32)
    odds = fitted.decision_function(matrix)
    gradient = 1 / (1 + np.exp(-odds)) - rows["late"].to_numpy()
    hessian = (gradient + rows["late"].to_numpy()) * (1 - gradient - rows["late"].to_numpy())
    added = list(found.estimator[-1].staged_predict_proba(matrix))[4][:, 1]
    step = np.log(added / (1 - added)) - odds
    leaves = np.unique(step.round(6))
    assert len(leaves) == 2
    for leaf in leaves:
        at = np.abs(step - leaf) < 1e-5
        assert leaf == pytest.approx(-0.5 * gradient[at].sum() / (hessian[at].sum() + 1.0), rel=1e-3)


def test_boosting_that_goes_on_answers_new_rows_better_than_before() -> None:
    model = tuned("hist_gradient_boosting")
    later = table(seed=5, shift=0.8, rows=2000)
    later = later.with_columns(late=pl.Series(np.where(later["cost"] > 1.2, "yes", "no")))
    found = train_from(Earlier(ref="delay@3", model=model), later, target="late", options=options("x"))
    right = [(each.predict(later)["prediction"] == later["late"]).mean() for each in (model, found)]
    assert right[1] > right[0] + 0.1


def test_boosting_begins_anew_when_it_has_grown_to_three_times_its_rounds() -> None:
    model, generations = tuned("hist_gradient_boosting"), []
    while model.training.get(RECORD, {"continued": True})["continued"]:
        model = gone_on(model, "hist_gradient_boosting")
        generations.append(model.training[RECORD])
    assert [each.get("generation") for each in generations] == [*range(1, 9), None]
    assert generations[-2]["how"] == f"25 rounds more, {100 * MOST} in all, 100 at first"
    assert generations[-1]["reason"] == "it has grown from 100 to 300 rounds, and 3 times the first is the most"


def test_forest_that_goes_on_again_draws_other_rows() -> None:
    model = tuned("random_forest")
    once = gone_on(model, "random_forest")
    twice = gone_on(once, "random_forest")
    trees = [tree.tree_.threshold.tolist() for tree in twice.estimator[-1].estimators_]
    assert len(trees) == 100
    assert trees[50:75] != trees[75:]
    assert trees[:50] == [tree.tree_.threshold.tolist() for tree in model.estimator[-1].estimators_[50:]]


def test_going_on_leaves_the_earlier_model_as_it_was() -> None:
    model = tuned("hist_gradient_boosting")
    before = pack(model)
    train_from(Earlier(ref="delay@3", model=model), table(seed=1), target="late", options=options("x"))
    assert pack(model) == before


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda rows: rows.with_columns(wind=rows["load"] * rows["load"]), "columns are new: wind"),
        (lambda rows: rows.drop("days"), "there is nothing to learn from in columns of the model: days"),
        (lambda rows: rows.with_columns(days=pl.lit(3)), "columns of the model: days \\(.*\\)"),
        (lambda rows: rows.with_columns(pl.col("days") + 0.5), "column days holds number, and held integer"),
        (lambda rows: rows.with_columns(pl.when(pl.col("days") > 5).then("load")), "load has missing values, and had"),
        (
            lambda rows: rows.with_columns(late=pl.when(pl.col("load") > 1).then(pl.lit("never")).otherwise("late")),
            "the task is multiclass, and was binary",
        ),
        (
            lambda rows: rows.with_columns(late=pl.col("late").replace("no", "not")),
            "classes are not, yes, and were no, yes",
        ),
    ],
    ids=["new column", "lost column", "constant column", "other type", "new nulls", "other task", "other classes"],
)
def test_other_columns_and_classes_are_told(change: Any, reason: str) -> None:
    rows = prepare(change(table(seed=1).drop("cost")), target="late")
    assert re.search(reason, obstacle(tuned("logistic_regression"), rows))


def test_other_target_and_flavor_are_told() -> None:
    model = tuned("logistic_regression")
    rows = prepare(table().rename({"late": "tardy"}).drop("cost"), target="tardy")
    assert obstacle(model, rows) == "the target is 'tardy', and was 'late'"
    assert obstacle(replace(model, flavor="lightgbm"), rows).startswith("models of flavor 'lightgbm' are trained on by")


def test_search_begins_with_the_parameters_of_a_model_that_cannot_go_on() -> None:
    start = ("logistic_regression", {"C": 7.0})
    earlier = Earlier(ref="delay@3", reason="its library is gone", start=start)
    found = train_from(earlier, table(), target="late", options=options("logistic_regression"))
    assert found.training["params"] == {"C": 7.0}
    assert found.training[RECORD] == {"version": "delay@3", "continued": False, "reason": "its library is gone"}


def test_categories_that_the_earlier_model_does_not_know_are_noted() -> None:
    model = tuned("logistic_regression")
    rows = table(seed=1).with_columns(crew=pl.col("crew").replace("c", "z"))
    found = train_from(Earlier(ref="delay@3", model=model), rows, target="late", options=options("x"))
    assert found.training[RECORD]["continued"]
    assert "'crew': what the earlier model does not know counts as other: z" in found.training["notes"]


def test_model_that_was_brought_goes_on_too() -> None:
    from sklearn.neural_network import MLPClassifier

    rows = table().select("load", "days", "late")
    fitted = MLPClassifier((4,), max_iter=20, random_state=0)
    with pytest.warns(match="Maximum iterations"):
        fitted.fit(rows.drop("late").to_numpy(), rows["late"].to_numpy())
    model = adopt(fitted, rows.drop("late"), target="late")
    found = train_from(Earlier(ref="delay@3", model=model), rows, target="late", options=TuningOptions())
    assert found.training[RECORD]["how"] == "the solver began at its coefficients"
    assert found.training["candidate"] == "MLPClassifier"
    assert found.estimator[-1].loss_ < fitted.loss_
