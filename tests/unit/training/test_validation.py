# ruff: noqa: ARG002 - stand-ins take what the protocol gives
from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.utils.parallel import delayed

from millwright.training.candidate import decision_tree, logistic_regression
from millwright.training.candidate.candidate import Candidate, Setting
from millwright.training.folds import plan_folds
from millwright.training.problem import Problem, ProblemSource
from millwright.training.table import prepare
from millwright.training.validation import CrossValidator, fold_pool, recorded_warnings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl


@pytest.fixture(scope="module")
def problem(make_table: Callable[..., pl.DataFrame]) -> Problem:
    return ProblemSource(prepare(make_table(), target="y"), seed=0).problem(1_000, whole_groups=True)


def _score(problem: Problem, candidate: Candidate, *, workers: int = 2) -> Mapping[str, float]:
    folds = plan_folds(problem.goal, folds=4, seed=0, is_classification=True)
    with fold_pool(workers) as pool:
        return CrossValidator(problem, folds, pool).score(candidate, candidate.defaults).mean


def test_scores_are_those_of_scikit_learn(problem: Problem) -> None:
    from sklearn.model_selection import cross_validate

    candidate = logistic_regression.CLASSIFIER
    folds = plan_folds(problem.goal, folds=4, seed=0, is_classification=True)
    names = {
        "accuracy": "accuracy",
        "balanced_accuracy": "balanced_accuracy",
        "f1": "f1",
        "roc_auc": "roc_auc",
        "average_precision": "average_precision",
        "brier": "neg_brier_score",
        "log_loss": "neg_log_loss",
    }
    estimator = candidate.build(candidate.defaults, problem.setting)
    expected = cross_validate(estimator, problem.matrix, problem.goal, cv=folds.pairs, scoring=names)
    found = _score(problem, candidate)

    for name in names:
        assert found[name] == pytest.approx(abs(expected[f"test_{name}"].mean()), abs=1e-6)  # float32 inside


def test_scores_do_not_depend_on_how_many_folds_run_at_once(problem: Problem) -> None:
    candidate = decision_tree.CLASSIFIER

    assert _score(problem, candidate, workers=1) == _score(problem, candidate, workers=4)


def test_fold_whose_rows_lack_a_class_still_scores_all_classes(make_table: Callable[..., pl.DataFrame]) -> None:
    problem = ProblemSource(prepare(make_table(kind="multiclass"), target="y"), seed=0).problem(
        1_000, whole_groups=True
    )
    folds = plan_folds(problem.goal, folds=3, seed=0, is_classification=True, groups=problem.goal)
    with fold_pool(1) as pool:
        scores = CrossValidator(problem, folds, pool).score(decision_tree.CLASSIFIER, decision_tree.CLASSIFIER.defaults)

    assert scores.mean["accuracy"] == 0  # each fold judges the one class that it never saw
    assert "roc_auc" not in scores.mean


def test_row_cap_of_a_candidate_holds_in_each_fold(problem: Problem) -> None:
    seen: list[int] = []

    class Spy:
        classes_ = np.array([0, 1])

        def fit(self, matrix: Any, goal: Any) -> Spy:
            seen.append(len(goal))
            return self

        def predict_proba(self, matrix: Any) -> Any:
            return np.full((len(matrix), 2), 0.5)

    spy = Candidate(name="spy", build=lambda *_: Spy(), suggest=lambda _: {}, max_rows=lambda _: 30)
    _score(problem, spy)

    assert max(seen) <= 30


def test_answers_that_are_not_finite_are_an_error(problem: Problem) -> None:
    class Broken:
        classes_ = np.array([0, 1])

        def fit(self, matrix: Any, goal: Any) -> Broken:
            return self

        def predict_proba(self, matrix: Any) -> Any:
            return np.full((len(matrix), 2), np.nan)

    broken = Candidate(name="broken", build=lambda *_: Broken(), suggest=lambda _: {})
    with pytest.raises(ValueError, match="not finite"):
        _score(problem, broken)


def test_warnings_of_threads_are_recorded_and_reach_nobody(problem: Problem) -> None:
    def build(params: Mapping[str, Any], setting: Setting) -> Any:
        warnings.warn("did not converge\nsecond line", UserWarning, stacklevel=1)
        return logistic_regression.CLASSIFIER.build({"C": 1.0, **params}, setting)

    folds = plan_folds(problem.goal, folds=4, seed=0, is_classification=True)
    with warnings.catch_warnings(record=True) as leaked, fold_pool(2) as pool:
        scores = CrossValidator(problem, folds, pool).score(
            Candidate(name="noisy", build=build, suggest=lambda _: {}), {}
        )

    assert scores.warnings == ("UserWarning: did not converge",)
    assert leaked == []


def test_what_scikit_learn_says_of_its_threads_is_not_recorded() -> None:
    # What a fold's forest sees while another fold's has emptied the filters, which all threads share.
    function, given, _ = delayed(len)([1, 2])
    with recorded_warnings() as texts:
        warnings.resetwarnings()
        assert function(*given) == 2
    assert texts == set()


def test_recorded_warnings_come_as_first_lines() -> None:
    with recorded_warnings() as texts:
        warnings.warn("one\ntwo", DeprecationWarning, stacklevel=1)

    assert texts == {"DeprecationWarning: one"}
