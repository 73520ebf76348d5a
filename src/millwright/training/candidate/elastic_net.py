"""Elastic net: a linear model with a penalty that also sets coefficients to zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.training.candidate.candidate import Candidate, Setting, Suggester
from millwright.training.candidate.preparation import prepared

if TYPE_CHECKING:
    from collections.abc import Mapping


def _build(params: Mapping[str, Any], setting: Setting) -> Any:
    from sklearn.linear_model import ElasticNet

    # The absolute penalty carries the target's unit, the quadratic one doesn't: with the first one scaled, the same
    # numbers give the same model in any unit.
    absolute = params["alpha"] * params["l1_ratio"] * setting.target_scale
    quadratic = params["alpha"] * (1 - params["l1_ratio"])
    strength = absolute + quadratic
    return prepared(ElasticNet(alpha=strength, l1_ratio=absolute / strength, max_iter=5_000), setting, scale=True)


def _suggest(trial: Suggester) -> dict[str, Any]:
    return {
        "alpha": trial.suggest_float("alpha", 1e-4, 1.0, log=True),
        "l1_ratio": trial.suggest_float("l1_ratio", 0.1, 1.0),
    }


REGRESSOR = Candidate(name="elastic_net", build=_build, suggest=_suggest, defaults={"alpha": 0.01, "l1_ratio": 0.5})
