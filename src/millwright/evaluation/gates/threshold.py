"""A metric must reach a fixed value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from millwright.evaluation.gates.result import GateResult
from millwright.evaluation.metrics.catalog import get_metric
from millwright.evaluation.wording import counted, number, percent

if TYPE_CHECKING:
    from millwright.evaluation.gates.subject import GateSubject
    from millwright.evaluation.report import EvaluationReport


@dataclass(frozen=True, kw_only=True, slots=True)
class Threshold:
    """A metric on the test rows is within limits.

    Attributes:
        metric: Which one.
        min: The least value allowed, inclusive; None for no lower limit.
        max: The largest value allowed, inclusive; None for no upper limit.
        with_confidence: Judge the worse end of the report's confidence interval instead of the value itself, so that
            luck with few test rows does not pass.
    """

    name: ClassVar[str] = "threshold"
    about: ClassVar[str] = "A metric on the test rows is at least `min` and at most `max`."
    example: ClassVar[Mapping[str, Any]] = {"metric": "recall", "min": 0.5, "with_confidence": False}

    metric: str
    min: float | None = None
    max: float | None = None
    with_confidence: bool = False

    def __post_init__(self) -> None:
        get_metric(self.metric)
        if self.min is None and self.max is None:
            raise ValueError("expected `min` or `max`, found neither")

    def evaluate(self, subject: GateSubject) -> GateResult:
        """Judge the report's value."""
        report = subject.report
        title = get_metric(self.metric, report.task).title
        value = report.metrics.get(self.metric)
        tested = counted(report.rows, "test row")
        if value is None:
            reason = f"{title} is undefined on the {tested}, so the limit cannot be checked."
            return self._result(passed=False, value=None, reason=reason)
        lowest, highest = self._judged(report, value)
        return self._result(
            passed=(self.min is None or lowest >= self.min) and (self.max is None or highest <= self.max),
            value=lowest if self.min is not None else highest,
            reason=f"{title} on {tested} is {number(value)}{_interval_text(report, self.metric)}; {self._asked()}.",
        )

    def _judged(self, report: EvaluationReport, value: float) -> tuple[float, float]:
        if not self.with_confidence:
            return value, value
        if self.metric not in report.intervals:
            raise ValueError(f"the report has no confidence interval for {self.metric}")
        return report.intervals[self.metric]

    def _asked(self) -> str:
        parts = []
        if self.min is not None:
            parts.append(f"at least {number(self.min)}")
        if self.max is not None:
            parts.append(f"at most {number(self.max)}")
        judged = " for the worse end of the interval" if self.with_confidence else ""
        return f"{' and '.join(parts)} is asked for{judged}"

    def _result(self, *, passed: bool, value: float | None, reason: str) -> GateResult:
        limit = self.min if self.min is not None else self.max
        return GateResult(gate=self.name, about=self.metric, passed=passed, value=value, limit=limit, reason=reason)


def _interval_text(report: EvaluationReport, metric: str) -> str:
    if metric not in report.intervals:
        return ""
    low, high = report.intervals[metric]
    return f" ({percent(report.confidence)} interval {number(low)} to {number(high)})"
