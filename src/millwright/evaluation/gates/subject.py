"""What the gates judge: a challenger with its evidence, and the champion it would replace."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from time import perf_counter
from typing import Any

import polars as pl

from millwright.evaluation.report import EvaluationReport
from millwright.models.predictor import Predictor

_EXAMPLE_ROWS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class GateSubject:
    """A challenger and everything a gate may look at.

    Attributes:
        challenger: The packaged model, ready to answer.
        report: Its evaluation on the test rows.
        test: The raw test rows with the target; rows without a target are left out by the gates.
        champion: The model in use now, ready to answer; None when there is none.
        champion_ref: Its name for people: `schedule-delay@1`.
        package_size_bytes: Size of the challenger's package; None when it is not packaged.
        challenger_package: Digest of the challenger's package, or empty.
        champion_package: Digest of the champion's package, or empty.
        examples: Raw rows as JSON objects, as a caller would send them; empty: the first test rows.
        seed: Of everything random.
        timer: Seconds from some fixed moment on, for measuring durations.
    """

    challenger: Predictor
    report: EvaluationReport
    test: pl.DataFrame
    champion: Predictor | None = None
    champion_ref: str | None = None
    package_size_bytes: int | None = None
    challenger_package: str = ""
    champion_package: str = ""
    examples: tuple[Mapping[str, Any], ...] = ()
    seed: int = 0
    timer: Callable[[], float] = perf_counter

    def inputs(self, limit: int | None = None) -> pl.DataFrame:
        """The test rows' input columns, all of them or the first ones."""
        names = [column.name for column in self.challenger.signature.inputs if column.name in self.test.columns]
        frame = self.test.select(names)
        return frame if limit is None else frame.head(limit)

    def example_rows(self) -> list[dict[str, Any]]:
        """Raw rows as JSON objects: the given examples, or the first five test rows."""
        rows = self.examples or self.inputs(_EXAMPLE_ROWS).to_dicts()
        return [{name: _json_value(value) for name, value in row.items()} for row in rows]


def _json_value(value: Any) -> Any:
    if isinstance(value, date):  # a datetime is a date too
        return value.isoformat()
    return None if isinstance(value, float) and math.isnan(value) else value
