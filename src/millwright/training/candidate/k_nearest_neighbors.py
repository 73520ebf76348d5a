"""K nearest neighbours: the answer of the most similar rows.

Every neighbour counts alike: weights by distance give an answer of its own to an exact copy of a training row, which
32-bit distances of a compiled model cannot reproduce. Neighbours are searched by comparing with every row, which needs
no search tree in the package; hence the cap on rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.training.candidate.candidate import Candidate, Setting, Suggester
from millwright.training.candidate.preparation import prepared

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_ROWS = 10_000
_DEFAULTS = {"n_neighbors": 15}


def _build_classifier(params: Mapping[str, Any], setting: Setting) -> Any:
    from sklearn.neighbors import KNeighborsClassifier

    return prepared(KNeighborsClassifier(params["n_neighbors"], algorithm="brute"), setting, scale=True)


def _build_regressor(params: Mapping[str, Any], setting: Setting) -> Any:
    from sklearn.neighbors import KNeighborsRegressor

    return prepared(KNeighborsRegressor(params["n_neighbors"], algorithm="brute"), setting, scale=True)


def _suggest(trial: Suggester) -> dict[str, Any]:
    return {"n_neighbors": trial.suggest_int("n_neighbors", 3, 60, log=True)}


def _max_rows(params: Mapping[str, Any]) -> int:
    del params
    return _MAX_ROWS


CLASSIFIER = Candidate(
    name="k_nearest_neighbors", build=_build_classifier, suggest=_suggest, defaults=_DEFAULTS, max_rows=_max_rows
)
REGRESSOR = Candidate(
    name="k_nearest_neighbors", build=_build_regressor, suggest=_suggest, defaults=_DEFAULTS, max_rows=_max_rows
)
