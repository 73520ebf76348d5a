"""Ridge regression: a linear model with a quadratic penalty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.training.candidate.candidate import Candidate, Setting, Suggester
from millwright.training.candidate.preparation import prepared

if TYPE_CHECKING:
    from collections.abc import Mapping


def _build(params: Mapping[str, Any], setting: Setting) -> Any:
    from sklearn.linear_model import Ridge

    return prepared(Ridge(alpha=params["alpha"]), setting, scale=True)


def _suggest(trial: Suggester) -> dict[str, Any]:
    return {"alpha": trial.suggest_float("alpha", 1e-3, 1e3, log=True)}


REGRESSOR = Candidate(name="ridge", build=_build, suggest=_suggest, defaults={"alpha": 1.0})
