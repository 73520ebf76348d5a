"""Trials: proposals carried out, recorded and ranked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

from millwright.core.digest import canonical_json
from millwright.training.candidate.candidate import Candidate
from millwright.training.validation import Scores

if TYPE_CHECKING:
    from millwright.evaluation.metrics.metric import Metric
    from millwright.training.observer import TrialObserver
    from millwright.training.validation import CrossValidator


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """One candidate with one setting of its parameters, and how it did.

    Attributes:
        score: The deciding metric's mean over the folds; None when the trial failed.
        scores: All metrics; None when the trial failed.
        error: Why it failed; else empty.
    """

    number: int
    candidate: Candidate
    params: Mapping[str, Any]
    score: float | None
    scores: Scores | None
    error: str = ""

    def to_json(self) -> dict[str, Any]:
        """As JSON values, for the training record."""
        found: dict[str, Any] = {"candidate": self.candidate.name, "params": dict(self.params)}
        if self.scores is None:
            return {**found, "error": self.error}
        metrics = {name: {"mean": value, "std": self.scores.std[name]} for name, value in self.scores.mean.items()}
        found["metrics"] = metrics
        if self.scores.warnings:
            found["warnings"] = list(self.scores.warnings)
        return found


class Experimenter:
    """Carries out trials, each recorded as a run.

    Args:
        validator: Scores them.
        metric: Decides.
        observer: Records them.
    """

    def __init__(self, *, validator: CrossValidator, metric: Metric, observer: TrialObserver) -> None:
        self._validator = validator
        self._metric = metric
        self._observer = observer
        self._known: dict[bytes, Trial] = {}

    def run(self, name: str, number: int, candidate: Candidate, params: Mapping[str, Any]) -> Trial:
        """One trial. An estimator that raises makes a failed trial, never an exception.

        Args:
            name: Of its run.
            number: In the order of trials.
            candidate: What to try.
            params: With which parameters; the same ones again are not computed again.
        """
        with self._observer.trial(name, {"candidate": candidate.name, **params}) as run:
            started = perf_counter()
            trial = self._try(number, candidate, params)
            metrics = {} if trial.scores is None else trial.scores.mean
            run.log({**metrics, "duration_s": perf_counter() - started})
            if trial.error:
                run.fail(trial.error)
        return trial

    def _try(self, number: int, candidate: Candidate, params: Mapping[str, Any]) -> Trial:
        key = canonical_json([candidate.name, dict(params)])
        if key in self._known:
            known = self._known[key]
            return Trial(
                number=number,
                candidate=candidate,
                params=params,
                score=known.score,
                scores=known.scores,
                error=known.error,
            )
        try:
            scores = self._validator.score(candidate, params)
        except Exception as error:  # noqa: BLE001 - one bad estimator must not stop the others
            reason = (str(error).strip().splitlines() or [""])[0][:300] or type(error).__name__
            trial = Trial(number=number, candidate=candidate, params=params, score=None, scores=None, error=reason)
        else:
            score = scores.mean.get(self._metric.name)
            lacking = f"{self._metric.name} is undefined in every fold" if score is None else ""
            trial = Trial(
                number=number,
                candidate=candidate,
                params=params,
                score=score,
                scores=None if lacking else scores,
                error=lacking,
            )
        self._known[key] = trial
        return trial


def rank(trials: list[Trial], metric: Metric) -> list[Trial]:
    """The best trial of each candidate, best first; candidates that never succeeded last, with their last error.

    Equal scores go to the earlier trial.
    """
    best: dict[str, Trial] = {}
    for trial in trials:
        rival = best.get(trial.candidate.name)
        if rival is None or _sort_key(trial, metric) < _sort_key(rival, metric):
            best[trial.candidate.name] = trial
    return sorted(best.values(), key=lambda trial: _sort_key(trial, metric))


def _sort_key(trial: Trial, metric: Metric) -> tuple[bool, float, int]:
    if trial.score is None:
        return True, 0.0, trial.number
    return False, -trial.score if metric.greater_is_better else trial.score, trial.number
