"""No part of the rows may be served badly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from millwright.evaluation.gates.result import GateResult
from millwright.evaluation.metrics.catalog import get_metric
from millwright.evaluation.wording import counted, number

if TYPE_CHECKING:
    from millwright.evaluation.gates.subject import GateSubject
    from millwright.evaluation.report import SliceResult


@dataclass(frozen=True, kw_only=True, slots=True)
class SliceFloor:
    """A metric is within a limit in every slice that is large enough to tell.

    Attributes:
        metric: Which one.
        min: The least value allowed, inclusive; for metrics where more is better.
        max: The largest value allowed, inclusive; for metrics where less is better.
        columns: Slices of these columns; empty: of all columns the report slices by.
        min_rows: Slices with fewer rows are not judged.
    """

    name: ClassVar[str] = "slice_floor"
    about: ClassVar[str] = "A metric reaches `min` (or stays below `max`) in every slice of at least `min_rows` rows."
    example: ClassVar[Mapping[str, Any]] = {"metric": "accuracy", "min": 0.6, "columns": ["region"], "min_rows": 50}

    metric: str
    min: float | None = None
    max: float | None = None
    columns: tuple[str, ...] = ()
    min_rows: int = 50

    def __post_init__(self) -> None:
        get_metric(self.metric)
        if (self.min is None) == (self.max is None):
            raise ValueError("expected either `min` or `max`")
        if self.min_rows < 1:
            raise ValueError(f"expected min_rows of at least 1, found {self.min_rows}")

    def evaluate(self, subject: GateSubject) -> GateResult:
        """Judge the worst slice of the report."""
        title = get_metric(self.metric, subject.report.task).title
        slices = subject.report.slices
        sliced = {part.column for part in slices}
        missing = [column for column in self.columns if column not in sliced]
        if missing or not slices:
            found = f"only of {', '.join(sorted(sliced))}" if sliced else "none"
            asked = ", ".join(missing) or "any column"
            return self._result(
                False, None, f"The report has no slices of {asked} ({found}), so they cannot be judged."
            )
        judged = [
            part
            for part in slices
            if (not self.columns or part.column in self.columns)
            and part.rows >= self.min_rows
            and self.metric in part.metrics
        ]
        if not judged:
            reason = f"No slice with at least {counted(self.min_rows, 'row')} on which {title} is defined."
            return self._result(True, None, reason, applicable=False)
        return self._judge(judged, title)

    def _judge(self, judged: list[SliceResult], title: str) -> GateResult:
        wrong = [part for part in judged if not self._holds(part)]
        worst = (min if self.min is not None else max)(judged, key=lambda part: part.metrics[self.metric])
        value = worst.metrics[self.metric]
        asked = f"at least {number(self.min)}" if self.min is not None else f"at most {number(self.max or 0.0)}"
        reason = (
            f"The worst of {counted(len(judged), 'slice')} is {worst.column} = {worst.value} "
            f"({counted(worst.rows, 'row')}) with {title} {number(value)}; {asked} is asked for"
        )
        others = [f"{part.column} = {part.value}" for part in wrong if part is not worst]
        if others:
            reason += f". Also outside: {', '.join(others)}"
        details = {"failing": [f"{part.column} = {part.value}" for part in wrong], "judged": len(judged)}
        return self._result(not wrong, value, f"{reason}.", details=details)

    def _holds(self, part: SliceResult) -> bool:
        value = part.metrics[self.metric]
        return value >= self.min if self.min is not None else value <= (self.max or 0.0)

    def _result(
        self,
        passed: bool,  # noqa: FBT001 - the first thing every result says
        value: float | None,
        reason: str,
        *,
        applicable: bool = True,
        details: Mapping[str, Any] | None = None,
    ) -> GateResult:
        return GateResult(
            gate=self.name,
            about=self.metric,
            passed=passed,
            value=value,
            limit=self.min if self.min is not None else self.max,
            reason=reason,
            applicable=applicable,
            details=details or {},
        )
