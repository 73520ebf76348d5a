"""A single decision tree: weak, but it can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.training.candidate.candidate import Candidate, Setting, Suggester
from millwright.training.candidate.preparation import prepared

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEFAULTS = {"max_depth": 6, "min_samples_leaf": 10}


def _build_classifier(params: Mapping[str, Any], setting: Setting) -> Any:
    from sklearn.tree import DecisionTreeClassifier

    return prepared(DecisionTreeClassifier(**params, random_state=setting.seed), setting, scale=False)


def _build_regressor(params: Mapping[str, Any], setting: Setting) -> Any:
    from sklearn.tree import DecisionTreeRegressor

    return prepared(DecisionTreeRegressor(**params, random_state=setting.seed), setting, scale=False)


def _suggest(trial: Suggester) -> dict[str, Any]:
    return {
        "max_depth": trial.suggest_int("max_depth", 2, 20),
        "min_samples_leaf": trial.suggest_int("min_samples_leaf", 1, 100, log=True),
    }


CLASSIFIER = Candidate(name="decision_tree", build=_build_classifier, suggest=_suggest, defaults=_DEFAULTS)
REGRESSOR = Candidate(name="decision_tree", build=_build_regressor, suggest=_suggest, defaults=_DEFAULTS)
