"""The baselines: answers that ignore the inputs. A model that isn't better has learned nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.training.candidate.candidate import Candidate, Setting, Suggester
from millwright.training.candidate.preparation import unprepared

if TYPE_CHECKING:
    from collections.abc import Mapping


def _build_classifier(params: Mapping[str, Any], setting: Setting) -> Any:
    from sklearn.dummy import DummyClassifier

    del params, setting
    return unprepared(DummyClassifier(strategy="prior"))


def _build_regressor(params: Mapping[str, Any], setting: Setting) -> Any:
    from sklearn.dummy import DummyRegressor

    del params, setting
    return unprepared(DummyRegressor(strategy="mean"))


def _suggest(trial: Suggester) -> dict[str, Any]:
    del trial
    return {}


CLASSIFIER = Candidate(name="majority_class", build=_build_classifier, suggest=_suggest)
REGRESSOR = Candidate(name="mean", build=_build_regressor, suggest=_suggest)
