"""What is known about a model after it was tested: numbers only, all of them JSON values.

A report holds no times and no paths, so that evaluating the same model on the same rows gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from millwright.core.errors import InvalidInputError
from millwright.models.task import Task


@dataclass(frozen=True, kw_only=True, slots=True)
class Confusion:
    """Row counts by true and predicted class.

    Attributes:
        labels: The k classes as JSON values.
        matrix: (k, k) counts: true class down, predicted class across.
    """

    labels: tuple[Any, ...]
    matrix: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SliceResult:
    """The metrics of one part of the test rows.

    Attributes:
        column: The column that cuts the rows.
        value: Which part: a value, a range such as `10 to 25`, `(other)` for rare values, `(missing)`.
        rows: How many test rows are in it.
        metrics: Those that are defined on these rows.
    """

    column: str
    value: str
    rows: int
    metrics: Mapping[str, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Importance:
    """How much worse the model gets when one raw column is shuffled.

    Attributes:
        column: The raw input column.
        mean: Loss of the report's `importance_metric`, in its unit, over the repeats; around 0 or below: not used.
        std: Standard deviation over the repeats (0 for one repeat).
    """

    column: str
    mean: float
    std: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """Points of one line of a plot.

    Attributes:
        label: What the line is about: a class, or empty.
        x: (p,) values; false positive rate, recall, mean score, true value or residual.
        y: (p,) values; true positive rate, precision, share of positives, predicted value or rows.
        weight: (p,) rows behind each point, or empty.
    """

    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    weight: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class EvaluationReport:
    """The test of one model.

    Attributes:
        task: What kind of target it was.
        rows: Labelled test rows.
        target: Name of the target column.
        positive: The positive class of a binary task as text, else empty.
        metrics: Metric name → value; undefined ones are absent.
        intervals: Metric name → (low, high), bootstrap percentiles at `confidence`.
        confidence: Of the intervals, between 0 and 1.
        baseline: The same metrics for a model that only knows the training target's class shares or mean; empty when
            nothing is known about it.
        confusion: None for regression.
        classification_report: Class → precision, recall, f1, support; empty for regression.
        slices: By column in the order asked for, then by falling rows or rising range.
        importances: Most important first.
        importance_metric: What the importances are measured in: a metric's name, or empty when there are none.
        curves: `roc`, `precision_recall`, `calibration` (≤ 200 points a line), or `predicted_actual`, `residuals`.
        notes: What a reader should know about the test, in sentences.
    """

    task: Task
    rows: int
    target: str
    metrics: Mapping[str, float]
    positive: str = ""
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    confidence: float = 0.95
    baseline: Mapping[str, float] = field(default_factory=dict)
    confusion: Confusion | None = None
    classification_report: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    slices: tuple[SliceResult, ...] = ()
    importances: tuple[Importance, ...] = ()
    importance_metric: str = ""
    curves: Mapping[str, tuple[Curve, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def to_json(self) -> bytes:
        """As JSON text in UTF-8, the same bytes for equal reports."""
        return msgspec.json.encode(self, order="deterministic")

    @classmethod
    def from_json(cls, data: bytes) -> EvaluationReport:
        """From what `to_json` gave.

        Raises:
            InvalidInputError: Something else was given.
        """
        try:
            return msgspec.json.decode(data, type=cls)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise InvalidInputError(
                f"Expected an evaluation report as JSON, found something else ({error}).",
                hint="Give the document 'evaluation.json' of a model version.",
            ) from error
