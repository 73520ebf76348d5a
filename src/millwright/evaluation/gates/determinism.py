"""The same question must get the same answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl

from millwright.evaluation.gates.result import GateResult
from millwright.evaluation.wording import counted

if TYPE_CHECKING:
    from millwright.evaluation.gates.subject import GateSubject


@dataclass(frozen=True, kw_only=True, slots=True)
class Determinism:
    """The same rows, asked twice, get equal answers to the last bit.

    Attributes:
        rows: How many of the test rows are asked.
    """

    name: ClassVar[str] = "determinism"
    about: ClassVar[str] = "The same rows, asked twice, get the same answers."
    example: ClassVar[Mapping[str, Any]] = {"rows": 500}

    rows: int = 500

    def __post_init__(self) -> None:
        if self.rows < 1:
            raise ValueError(f"expected at least 1 row, found {self.rows}")

    def evaluate(self, subject: GateSubject) -> GateResult:
        """Ask twice and compare."""
        inputs = subject.inputs(self.rows)
        if inputs.is_empty():
            raise ValueError("there is no test row to ask with")
        first, second = (subject.challenger.predict_frame(inputs) for _ in range(2))
        differing = _differing_rows(first, second)
        reason = (
            f"{counted(differing, 'row')} of {inputs.height} got another answer when asked again."
            if differing
            else f"{counted(inputs.height, 'row')}, asked twice, got the same answers."
        )
        return GateResult(gate=self.name, passed=not differing, value=float(differing), limit=0.0, reason=reason)


def _differing_rows(first: pl.DataFrame, second: pl.DataFrame) -> int:
    if first.columns != second.columns or first.height != second.height:
        return max(first.height, second.height)
    unequal = [(first[name].ne_missing(second[name])).alias(name) for name in first.columns]
    return int(pl.DataFrame(unequal).select(pl.any_horizontal(pl.all()).sum()).item())
