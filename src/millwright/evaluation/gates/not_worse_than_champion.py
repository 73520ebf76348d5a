"""The challenger must be shown not to be worse than the model in use, on the same rows.

A non-inferiority test by paired bootstrap: both models are scored on the same draws of the test rows, and the
challenger passes when, with the given confidence, its loss is no larger than a margin. Too few rows leave the loss
open, and then the gate does not pass: an unknown loss is not a small one. Source of the design: Piaggio et al., JAMA
308 (2012), the CONSORT statement on non-inferiority; of the interval: `evaluation.interval`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from millwright.evaluation.gates.result import GateResult
from millwright.evaluation.interval import BootstrapOptions, paired_gains
from millwright.evaluation.metrics.catalog import MAIN_METRIC, get_metric
from millwright.evaluation.scoring import labelled_rows, score
from millwright.evaluation.wording import counted, number, percent

if TYPE_CHECKING:
    from millwright.evaluation.gates.subject import GateSubject
    from millwright.evaluation.metrics.metric import Metric
    from millwright.evaluation.metrics.sample import Sample
    from millwright.models.predictor import Predictor

_BOUNDED_MARGIN = 0.02
_RELATIVE_MARGIN = 0.05
_MIN_DRAWS = 100
_ROUNDING = 1e-6  # two engines of one model, or float32 against float64


@dataclass(frozen=True, kw_only=True, slots=True)
class NotWorseThanChampion:
    """With confidence, the challenger loses at most a margin against the champion on the same test rows.

    Attributes:
        metric: Which one; None: the task's main one (`roc_auc`, `rmse`).
        margin: The loss tolerated, in the metric's unit; None: 0.02 for a metric between 0 and 1, else 5 % of the
            champion's value. 0 asks for a proven gain.
        confidence: One-sided, between 0.5 and 1.
        draws: Bootstrap draws.
    """

    name: ClassVar[str] = "not_worse_than_champion"
    about: ClassVar[str] = "On the same test rows the model is shown not to be worse than the present champion."
    example: ClassVar[Mapping[str, Any]] = {"metric": "roc_auc", "margin": 0.02, "confidence": 0.95}

    metric: str | None = None
    margin: float | None = None
    confidence: float = 0.95
    draws: int = 2_000

    def __post_init__(self) -> None:
        if self.metric is not None:
            get_metric(self.metric)
        if self.margin is not None and not self.margin >= 0:
            raise ValueError(f"expected a margin of 0 or more, found {self.margin}")
        if not 0.5 <= self.confidence < 1:
            raise ValueError(f"expected a confidence from 0.5 to below 1, found {self.confidence}")
        if self.draws < _MIN_DRAWS:
            raise ValueError(f"expected at least {_MIN_DRAWS} draws, found {self.draws}")

    def evaluate(self, subject: GateSubject) -> GateResult:
        """Score both models on the same rows and compare them draw by draw."""
        metric = get_metric(self.metric or MAIN_METRIC[subject.report.task], subject.report.task)
        if subject.champion is None:
            return self._passed(metric, "There is no champion yet, so there is nothing to be worse than.")
        name = subject.champion_ref or "the champion"
        if subject.challenger_package and subject.challenger_package == subject.champion_package:
            return self._passed(metric, f"The challenger is the same model as {name}, byte for byte.")
        test = labelled_rows(subject.test, subject.challenger.signature.target)
        target = test[subject.challenger.signature.target]
        new = score(subject.challenger.signature, target, subject.challenger.predict_frame(test))
        old = score(subject.champion.signature, target, _champion_answers(subject.champion, test, name))
        if _same_answers(new, old):
            return self._passed(metric, f"The challenger gives the same answers as {name} on all test rows.")
        return self._compare(metric, new, old, name, subject.seed)

    def _compare(self, metric: Metric, new: Sample, old: Sample, name: str, seed: int) -> GateResult:
        mine, theirs = metric.value(new), metric.value(old)
        gains = paired_gains(new, old, metric, BootstrapOptions(draws=self.draws, seed=seed))
        if mine is None or theirs is None or len(gains) < _MIN_DRAWS:
            raise ValueError(f"{metric.title} is undefined on the {counted(new.rows, 'test row')}")
        gain = metric.gain(mine, theirs)
        low, high = (float(value) for value in np.quantile(gains, [1 - self.confidence, self.confidence]))
        margin = self._margin(metric, theirs)
        return GateResult(
            gate=self.name,
            about=metric.name,
            passed=low >= -margin,
            value=gain,
            limit=-margin,
            reason=f"{metric.title} is {number(mine)} against {number(theirs)} of {name} on the same "
            f"{counted(new.rows, 'test row')}. {self._verdict(gain, low, high, margin)}",
            details={
                "challenger": mine,
                "champion": theirs,
                "difference": gain,
                "low": low,
                "high": high,
                "confidence": self.confidence,
                "rows": new.rows,
            },
        )

    def _margin(self, metric: Metric, champion: float) -> float:
        if self.margin is not None:
            return self.margin
        return _BOUNDED_MARGIN if metric.bounded else _RELATIVE_MARGIN * abs(champion)

    def _verdict(self, gain: float, low: float, high: float, margin: float) -> str:
        sure = f"with {percent(self.confidence)} confidence"
        allowed = f"a loss of up to {number(margin)} is tolerated" if margin else "a proven gain is asked for"
        if low >= -margin:
            least = f"better by at least {number(low)}" if low >= 0 else f"worse by at most {number(-low)}"
            return f"It is {sure} {least}; {allowed}."
        if high < -margin:
            return f"It is {sure} worse by at least {number(-high)}; {allowed}."
        loss = f"It could be worse by {number(-low)} ({sure}); {allowed}."
        return loss if gain < -margin else f"{loss} More test rows could prove it good enough."

    def _passed(self, metric: Metric, reason: str) -> GateResult:
        return GateResult(
            gate=self.name, about=metric.name, passed=True, value=None, limit=None, reason=reason, applicable=False
        )


def _champion_answers(champion: Predictor, test: Any, name: str) -> Any:
    try:
        return champion.predict_frame(test)
    except Exception as error:
        raise ValueError(f"{name} cannot answer the test rows: {error}") from error


def _same_answers(new: Sample, old: Sample) -> bool:
    if new.classes != old.classes:
        return False
    if new.scores is None or old.scores is None:
        return new.scores is old.scores and np.allclose(new.y_pred, old.y_pred, rtol=_ROUNDING, atol=0.0)
    return np.array_equal(new.y_pred, old.y_pred) and np.allclose(new.scores, old.scores, rtol=0.0, atol=_ROUNDING)
