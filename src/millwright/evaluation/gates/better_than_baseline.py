"""The model must know more than the distribution of the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from millwright.evaluation.gates.result import GateResult
from millwright.evaluation.metrics.catalog import MAIN_METRIC, get_metric
from millwright.evaluation.wording import counted, number

if TYPE_CHECKING:
    from millwright.evaluation.gates.subject import GateSubject


@dataclass(frozen=True, kw_only=True, slots=True)
class BetterThanBaseline:
    """A metric is better than that of a model that always gives the training target's class shares or mean.

    Attributes:
        metric: Which one; None: the task's main one (`roc_auc`, `rmse`).
        margin: By how much at least, in the metric's unit; 0 asks for any gain at all.
    """

    name: ClassVar[str] = "better_than_baseline"
    about: ClassVar[str] = "The model beats one that only knows how often each outcome occurs (or the mean)."
    example: ClassVar[Mapping[str, Any]] = {"metric": "roc_auc", "margin": 0.02}

    metric: str | None = None
    margin: float = 0.0

    def __post_init__(self) -> None:
        if self.metric is not None:
            get_metric(self.metric)
        if not self.margin >= 0:
            raise ValueError(f"expected a margin of 0 or more, found {self.margin}")

    def evaluate(self, subject: GateSubject) -> GateResult:
        """Compare the report's value with its baseline's."""
        report = subject.report
        metric = get_metric(self.metric or MAIN_METRIC[report.task], report.task)
        value, base = report.metrics.get(metric.name), report.baseline.get(metric.name)
        if value is None or base is None:
            missing = "the model" if value is None else "the baseline"
            reason = (
                f"{metric.title} of {missing} is not known for the {counted(report.rows, 'test row')}, so that they "
                "cannot be compared."
            )
            return self._result(metric.name, passed=False, value=value, limit=None, reason=reason)
        gain = metric.gain(value, base)
        asked = f"a gain of at least {number(self.margin)}" if self.margin else "any gain"
        return self._result(
            metric.name,
            passed=gain > 0 and gain >= self.margin,
            value=value,
            limit=base + self.margin if metric.greater_is_better else base - self.margin,
            reason=f"{metric.title} on {counted(report.rows, 'test row')} is {number(value)} against {number(base)} of "
            f"the baseline, {_compared(gain)}; {asked} is asked for.",
        )

    def _result(
        self, metric: str, *, passed: bool, value: float | None, limit: float | None, reason: str
    ) -> GateResult:
        return GateResult(gate=self.name, about=metric, passed=passed, value=value, limit=limit, reason=reason)


def _compared(gain: float) -> str:
    return "the same" if gain == 0 else f"{number(abs(gain))} {'better' if gain > 0 else 'worse'}"
