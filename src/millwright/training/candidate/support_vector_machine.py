"""Support vector machines, linear and with a radial kernel.

Classifiers give distances; a sigmoid fitted by internal cross-validation makes probabilities of them (Platt 1999, as
scikit-learn's CalibratedClassifierCV). The radial kernel's cost grows with the square of the rows, hence its cap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.training.candidate.candidate import Candidate, Setting, Suggester
from millwright.training.candidate.preparation import prepared

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_RADIAL_ROWS = 2_000
_MAX_LINEAR_ROWS = 50_000
_DEFAULTS = {"kernel": "linear", "C": 0.1}
_REGRESSOR_DEFAULTS = {"kernel": "rbf", "C": 1.0, "epsilon": 0.1}


def _build_classifier(params: Mapping[str, Any], setting: Setting) -> Any:
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.svm import SVC, LinearSVC

    if params["kernel"] == "linear":
        machine = LinearSVC(C=params["C"], random_state=setting.seed)
    else:
        machine = SVC(C=params["C"], kernel="rbf", random_state=setting.seed)
    return prepared(CalibratedClassifierCV(machine, method="sigmoid", cv=2, ensemble=False), setting, scale=True)


def _build_regressor(params: Mapping[str, Any], setting: Setting) -> Any:
    from sklearn.svm import SVR, LinearSVR

    # Penalty and tolerance carry the target's unit: relative to its spread, the same numbers suit any target.
    sizes = {"C": params["C"] * setting.target_scale, "epsilon": params["epsilon"] * setting.target_scale}
    if params["kernel"] == "linear":
        return prepared(LinearSVR(**sizes, random_state=setting.seed, max_iter=5_000), setting, scale=True)
    return prepared(SVR(kernel="rbf", **sizes), setting, scale=True)


def _suggest(trial: Suggester) -> dict[str, Any]:
    return {
        "kernel": trial.suggest_categorical("kernel", ["linear", "rbf"]),
        "C": trial.suggest_float("C", 1e-2, 10.0, log=True),
    }


def _suggest_regressor(trial: Suggester) -> dict[str, Any]:
    return {**_suggest(trial), "epsilon": trial.suggest_float("epsilon", 0.01, 0.5, log=True)}


def _max_rows(params: Mapping[str, Any]) -> int:
    return _MAX_LINEAR_ROWS if params["kernel"] == "linear" else _MAX_RADIAL_ROWS


CLASSIFIER = Candidate(
    name="support_vector_machine", build=_build_classifier, suggest=_suggest, defaults=_DEFAULTS, max_rows=_max_rows
)
REGRESSOR = Candidate(
    name="support_vector_machine",
    build=_build_regressor,
    suggest=_suggest_regressor,
    defaults=_REGRESSOR_DEFAULTS,
    max_rows=_max_rows,
)
