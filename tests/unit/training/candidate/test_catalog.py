from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.models.task import Task
from millwright.training.candidate.catalog import baseline, classifiers, regressors, select


def test_all_candidates_of_the_task_are_selected_when_none_is_named() -> None:
    assert select(Task.MULTICLASS) == classifiers()
    assert select(Task.REGRESSION) == regressors()


def test_selection_takes_names_and_candidates_once_each() -> None:
    tree = next(candidate for candidate in classifiers() if candidate.name == "decision_tree")

    assert select(Task.BINARY, ["decision_tree", tree, "naive_bayes"]) == (tree, classifiers()[2])


def test_unknown_name_is_refused_with_the_closest() -> None:
    with pytest.raises(InvalidInputError, match="no candidate 'svm'"):
        select(Task.BINARY, ["svm"])
    with pytest.raises(InvalidInputError, match="Did you mean 'elastic_net'"):
        select(Task.REGRESSION, ["elasticnet"])


def test_name_of_the_other_task_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="'naive_bayes' is not for regression targets"):
        select(Task.REGRESSION, ["naive_bayes"])


def test_baselines_are_no_candidates() -> None:
    names = {candidate.name for candidate in (*classifiers(), *regressors())}

    assert baseline(Task.BINARY).name not in names
    assert baseline(Task.REGRESSION).name not in names
