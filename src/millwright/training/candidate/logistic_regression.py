"""Logistic regression: a linear model of the log-odds; quick, calibrated, the one to beat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.training.candidate.candidate import Candidate, Setting, Suggester
from millwright.training.candidate.preparation import prepared

if TYPE_CHECKING:
    from collections.abc import Mapping


def _build(params: Mapping[str, Any], setting: Setting) -> Any:
    from sklearn.linear_model import LogisticRegression

    return prepared(LogisticRegression(C=params["C"], max_iter=1_000), setting, scale=True)


def _suggest(trial: Suggester) -> dict[str, Any]:
    return {"C": trial.suggest_float("C", 1e-3, 1e2, log=True)}


CLASSIFIER = Candidate(name="logistic_regression", build=_build, suggest=_suggest, defaults={"C": 1.0})
