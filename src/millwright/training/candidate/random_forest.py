"""A random forest: many deep trees on resampled rows, averaged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.training.candidate.candidate import Candidate, Setting, Suggester
from millwright.training.candidate.preparation import prepared

if TYPE_CHECKING:
    from collections.abc import Mapping

# More trees only smooth; 100 keep the package small and a trial short.
_TREES = 100
_DEFAULTS = {"max_depth": 16, "min_samples_leaf": 2, "max_features": 0.2}


def _build_classifier(params: Mapping[str, Any], setting: Setting) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return prepared(RandomForestClassifier(_TREES, **params, random_state=setting.seed), setting, scale=False)


def _build_regressor(params: Mapping[str, Any], setting: Setting) -> Any:
    from sklearn.ensemble import RandomForestRegressor

    return prepared(RandomForestRegressor(_TREES, **params, random_state=setting.seed), setting, scale=False)


def _suggest(trial: Suggester) -> dict[str, Any]:
    return {
        "max_depth": trial.suggest_int("max_depth", 4, 24),
        "min_samples_leaf": trial.suggest_int("min_samples_leaf", 1, 20, log=True),
        "max_features": trial.suggest_float("max_features", 0.05, 0.5),
    }


CLASSIFIER = Candidate(name="random_forest", build=_build_classifier, suggest=_suggest, defaults=_DEFAULTS)
REGRESSOR = Candidate(name="random_forest", build=_build_regressor, suggest=_suggest, defaults=_DEFAULTS)
