# ruff: noqa: ARG002 - stand-ins take what the protocol gives
from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from millwright.evaluation.metrics.catalog import get_metric
from millwright.training.candidate.candidate import Candidate
from millwright.training.trial import Experimenter, Trial, rank
from millwright.training.validation import Scores

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from millwright.training.observer import TrialRun

RMSE, AUC = get_metric("rmse"), get_metric("roc_auc")


def _candidate(name: str) -> Candidate:
    return Candidate(name=name, build=lambda *_: None, suggest=lambda _: {})


class _Validator:
    """Scores by a given function."""

    def __init__(self) -> None:
        self.calls = 0

    def score(self, candidate: Candidate, params: Mapping[str, Any]) -> Scores:
        self.calls += 1
        if params["x"] == "bad":
            raise ValueError("singular matrix\nmore")
        if params["x"] == "undefined":
            return Scores(mean={"accuracy": 1.0}, std={"accuracy": 0.0})
        return Scores(mean={"roc_auc": params["x"]}, std={"roc_auc": 0.1}, warnings=("UserWarning: hm",))


class _Observer:
    def __init__(self) -> None:
        self.seen: list[Any] = []

    @contextmanager
    def trial(self, name: str, params: Mapping[str, Any]) -> Iterator[TrialRun]:
        self.seen.append((name, dict(params)))
        yield self

    def log(self, metrics: Mapping[str, float]) -> None:
        self.seen.append(set(metrics))

    def fail(self, reason: str) -> None:
        self.seen.append(reason)


@pytest.fixture
def observer() -> _Observer:
    return _Observer()


@pytest.fixture
def validator() -> _Validator:
    return _Validator()


@pytest.fixture
def experimenter(validator: _Validator, observer: _Observer) -> Experimenter:
    return Experimenter(validator=validator, metric=AUC, observer=observer)  # type: ignore[arg-type]


def test_trial_is_recorded_with_parameters_metrics_and_duration(
    experimenter: Experimenter, observer: _Observer
) -> None:
    trial = experimenter.run("a-0", 0, _candidate("a"), {"x": 0.7})

    assert observer.seen == [("a-0", {"candidate": "a", "x": 0.7}), {"roc_auc", "duration_s"}]
    assert trial.to_json() == {
        "candidate": "a",
        "params": {"x": 0.7},
        "metrics": {"roc_auc": {"mean": 0.7, "std": 0.1}},
        "warnings": ["UserWarning: hm"],
    }


@pytest.mark.parametrize(
    ("value", "reason"), [("bad", "singular matrix"), ("undefined", "roc_auc is undefined in every fold")]
)
def test_trial_that_fails_is_recorded_and_does_not_raise(
    experimenter: Experimenter, observer: _Observer, value: str, reason: str
) -> None:
    trial = experimenter.run("a-0", 0, _candidate("a"), {"x": value})

    assert trial.score is None
    assert trial.to_json()["error"] == reason
    assert observer.seen[-2:] == [{"duration_s"}, reason]


def test_same_parameters_are_not_computed_again(experimenter: Experimenter, validator: _Validator) -> None:
    first = experimenter.run("a-0", 0, _candidate("a"), {"x": 0.7})
    second = experimenter.run("a-1", 1, _candidate("a"), {"x": 0.7})

    assert validator.calls == 1
    assert (second.number, second.score) == (1, first.score)


def _trial(number: int, name: str, score: float | None) -> Trial:
    return Trial(number=number, candidate=_candidate(name), params={}, score=score, scores=None)


def test_ranking_has_each_candidates_best_first_and_failures_last() -> None:
    trials = [
        _trial(0, "a", 3.0),
        _trial(1, "b", None),
        _trial(2, "c", 2.0),
        _trial(3, "a", 1.0),
        _trial(4, "d", 2.0),
        _trial(5, "a", 1.0),
    ]

    assert [trial.number for trial in rank(trials, RMSE)] == [3, 2, 4, 1]
    assert [trial.number for trial in rank(trials, AUC)] == [0, 2, 4, 1]
