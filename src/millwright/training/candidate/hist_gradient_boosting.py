"""Histogram gradient boosting: small trees, each correcting the ones before; usually among the best on tables.

It takes missing numbers as they are, and codes of categories as numbers: they are ordered by frequency, and trees cut
an order into ranges as often as it pays. Measured with 15 leaves and 100 rounds: on the New York school construction
schedules ROC AUC 0.816 with codes, 0.812 with one-hot columns for five times the time; on a made table 0.865 and 0.869
for three times the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.training.candidate.candidate import Candidate, Setting, Suggester
from millwright.training.candidate.preparation import unprepared

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEFAULTS = {
    "learning_rate": 0.1,
    "max_iter": 100,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 20,
    "l2_regularization": 0.001,
}


def _build_classifier(params: Mapping[str, Any], setting: Setting) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return unprepared(HistGradientBoostingClassifier(**params, early_stopping=False, random_state=setting.seed))


def _build_regressor(params: Mapping[str, Any], setting: Setting) -> Any:
    from sklearn.ensemble import HistGradientBoostingRegressor

    return unprepared(HistGradientBoostingRegressor(**params, early_stopping=False, random_state=setting.seed))


def _suggest(trial: Suggester) -> dict[str, Any]:
    return {
        "learning_rate": trial.suggest_float("learning_rate", 0.02, 0.3, log=True),
        "max_iter": trial.suggest_int("max_iter", 40, 150),
        "max_leaf_nodes": trial.suggest_int("max_leaf_nodes", 5, 40, log=True),
        "min_samples_leaf": trial.suggest_int("min_samples_leaf", 5, 60, log=True),
        "l2_regularization": trial.suggest_float("l2_regularization", 1e-3, 10.0, log=True),
    }


CLASSIFIER = Candidate(name="hist_gradient_boosting", build=_build_classifier, suggest=_suggest, defaults=_DEFAULTS)
REGRESSOR = Candidate(name="hist_gradient_boosting", build=_build_regressor, suggest=_suggest, defaults=_DEFAULTS)
