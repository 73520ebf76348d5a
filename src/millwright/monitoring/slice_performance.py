"""Performance of parts of the window, so that a good average cannot hide a part that was lost.

Each slice's metric is compared with that of the same slice among the reference's labelled rows. The error of either is
the bootstrap's standard deviation (`evaluation.interval`), from at most 5,000 rows of a slice and scaled to all of them
by the square root, so that a million rows take seconds. Intervals and p-values are those of a normal distribution with
it. Many slices are many chances to be wrong, so a loss counts only if its size is above the limit and its one-sided
test rejects under false-discovery control over all slices (Benjamini and Hochberg).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
import polars as pl

from millwright.core.errors import InvalidInputError, closest
from millwright.evaluation.interval import BootstrapOptions, draw_weights
from millwright.evaluation.metrics.catalog import get_metric
from millwright.evaluation.metrics.draws import Draws
from millwright.evaluation.metrics.sample import Sample
from millwright.evaluation.slices import SliceOptions, slice_labels, suggested_slices
from millwright.monitoring.column_table import Table
from millwright.monitoring.false_discovery import benjamini_hochberg
from millwright.monitoring.labelled import known_rows, labelled_sample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.evaluation.metrics.metric import Metric
    from millwright.models.signature import Signature
    from millwright.monitoring.monitored_column import MonitoredColumn
    from millwright.monitoring.performance import PerformanceSettings

_MOST = 2_000  # rows of a slice that are drawn from
_DRAWS = 200  # they give a standard deviation to 5 %
_NORMAL_95 = 1.959964
_FEW = 10  # rows of the rarer class: of fewer, draws make next to the same pairs again and again, and look too sure
_BY_ROW = frozenset({"accuracy", "log_loss", "brier"})  # means over rows, for which rare classes are no trouble


@dataclass(frozen=True, kw_only=True, slots=True)
class SliceSettings:
    """Which slices are looked at.

    Attributes:
        columns: Input columns that cut; when None, up to three categories with 2 to 12 values.
        min_labels: With fewer labelled rows, of the window or the reference, a slice is not judged; nor, of two classes
            by ROC AUC and the like, with fewer than ten of the rarer one.
        false_discovery_rate: Over all slices: of windows that are like the reference, at most this share raises
            an alert.

    Raises:
        InvalidInputError: A number outside its range.
    """

    columns: tuple[str, ...] | None = None
    min_labels: int = 50
    false_discovery_rate: float = 0.01

    def __post_init__(self) -> None:
        if self.min_labels < 2 or not 0 < self.false_discovery_rate < 1:
            raise InvalidInputError(
                "Expected at least 2 labelled rows for a slice and a false discovery rate above 0 and below 1, "
                f"found {self.min_labels} and {self.false_discovery_rate}."
            )


class SliceLimits(Protocol):
    """How slices are judged; `MonitorSettings` is one."""

    @property
    def slices(self) -> SliceSettings:
        """Which slices."""
        ...

    @property
    def performance(self) -> PerformanceSettings:
        """The tolerated loss."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class SlicePerformance:
    """One slice of a window.

    Attributes:
        column: What cuts.
        value: The slice.
        rows: Rows of the window in it.
        labelled_rows: Those with a known label.
        metric: The deciding metric.
        current: Its value on them; None with too few.
        interval: 95 % of it.
        reference: Its value on the reference's rows of the slice; None with too few.
        gain: By how much the window is better; negative is a loss.
        gain_interval: 95 % of it.
        p_value: That there is no loss, one-sided.
        limit: The tolerated loss.
        lost: Whether the slice was lost.
    """

    column: str
    value: str
    rows: int
    labelled_rows: int
    metric: str
    current: float | None = None
    interval: tuple[float, float] | None = None
    reference: float | None = None
    gain: float | None = None
    gain_interval: tuple[float, float] | None = None
    p_value: float | None = None
    limit: float | None = None
    lost: bool = False

    @property
    def coverage(self) -> float:
        """The share of its rows whose label is known, 0 to 1."""
        return self.labelled_rows / self.rows if self.rows else 0.0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class LabelledRows:
    """n rows with their answers and what was true.

    Attributes:
        inputs: n conformed rows, in memory or read column by column.
        outputs: n answers.
        labels: n labels, null where unknown.
    """

    inputs: Table
    outputs: pl.DataFrame
    labels: pl.Series

    def __getitem__(self, column: MonitoredColumn) -> pl.Series:
        """The values of an input or an output."""
        return (self.outputs if column.output else self.inputs)[column.name]


def measure_slices(
    rows: LabelledRows,
    known: LabelledRows,
    signature: Signature,
    settings: SliceLimits,
    *,
    metric: str,
) -> tuple[SlicePerformance, ...]:
    """Measure the slices of a window.

    Args:
        rows: The window.
        known: The reference's labelled answers, which are cut in the same way.
        signature: Of that version.
        settings: Which slices, and the tolerated loss.
        metric: The deciding metric.

    Returns:
        The slices in the order of their columns; empty when the window has too few labels for any.

    Raises:
        InvalidInputError: There is no such input column, or it cannot cut (the message names it).
    """
    chosen, asked = get_metric(metric, signature.task), settings.slices
    columns = _columns(signature, asked)
    if rows.labels.len() - rows.labels.null_count() < asked.min_labels:
        return ()
    sides = (_Side.of(rows, signature), _Side.of(known, signature))
    found = [each for column in columns for each in _sliced(column, rows, known, (sides, asked, chosen))]
    judged = [_judged(each, settings.performance.limit(chosen, each.reference or 0.0)) for each in found]
    rejected = benjamini_hochberg([each.p_value for each in judged], asked.false_discovery_rate)
    return tuple(
        replace(each, lost=agrees and each.gain is not None and each.limit is not None and each.gain < -each.limit)
        for each, agrees in zip(judged, rejected, strict=True)
    )


def _columns(signature: Signature, settings: SliceSettings) -> Sequence[str]:
    if settings.columns is None:
        return suggested_slices(signature)
    names = [column.name for column in signature.inputs]
    for column in settings.columns:
        if column not in names:
            raise InvalidInputError(f"The model takes no column '{column}' to slice by.", hint=closest(column, names))
    return settings.columns


def _sliced(
    column: str, rows: LabelledRows, known: LabelledRows, context: tuple[tuple[_Side, _Side], SliceSettings, Metric]
) -> list[SlicePerformance]:
    """Both sides cut alike: by the values, or the quartiles, of both together."""
    whole, settings, metric = context
    together = pl.concat([known.inputs[column], rows.inputs[column]])
    names, order = slice_labels(together, SliceOptions(min_rows=settings.min_labels))
    before, now = names.head(known.inputs.height), names.tail(rows.inputs.height)
    labelled = [names.filter(side.known) for side, names in zip(whole, (now, before), strict=True)]
    counts = dict(now.value_counts().iter_rows())
    found = []
    for name in order:
        places = [each == name for each in labelled]
        current, earlier = (side.measured(place, metric, settings) for side, place in zip(whole, places, strict=True))
        part = SlicePerformance(
            column=column,
            value=name,
            rows=counts.get(name, 0),
            labelled_rows=int(places[0].sum()),
            metric=metric.name,
        )
        if current is not None:
            value, error = current
            interval = (value - _NORMAL_95 * error, value + _NORMAL_95 * error)
            part = replace(part, current=value, interval=_bounded(interval, metric))
        if current is not None and earlier is not None:
            gain, error = metric.gain(current[0], earlier[0]), math.hypot(current[1], earlier[1])
            part = replace(
                part,
                reference=earlier[0],
                gain=gain,
                gain_interval=(gain - _NORMAL_95 * error, gain + _NORMAL_95 * error),
                p_value=_below(gain, error),
            )
        found.append(part)
    return found


def _judged(part: SlicePerformance, limit: float) -> SlicePerformance:
    return part if part.gain is None else replace(part, limit=limit)


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """The rows of the window or the reference whose label and answer are known.

    Attributes:
        sample: They, scored; None without any.
        known: Which of all rows they are.
    """

    sample: Sample | None
    known: pl.Series

    @classmethod
    def of(cls, rows: LabelledRows, signature: Signature) -> _Side:
        known = known_rows(rows.outputs, rows.labels, signature)
        return cls(labelled_sample(rows.outputs, rows.labels, signature), known)

    def measured(self, inside: pl.Series, metric: Metric, settings: SliceSettings) -> tuple[float, float] | None:
        """The metric of a slice and its standard error; None with too few rows or where it is not defined."""
        numbers = inside.arg_true().to_numpy()
        if self.sample is None or len(numbers) < settings.min_labels:
            return None
        sample = self.sample.where(numbers)
        if _is_one_sided(sample, metric):
            return None
        value = metric.value(sample)
        error = _error(sample, metric)
        return None if value is None or error is None else (value, error)


def _is_one_sided(sample: Sample, metric: Metric) -> bool:
    """Whether the metric hangs on a few rows of one of two classes."""
    if len(sample.classes) != 2 or metric.name in _BY_ROW:
        return False
    second = int((sample.y_true == 1).sum())
    return min(second, sample.rows - second) < _FEW


def _error(sample: Sample, metric: Metric) -> float | None:
    options = BootstrapOptions(draws=_DRAWS, budget=_MOST * _DRAWS)
    size = min(sample.rows, _MOST)
    chosen = np.random.default_rng(options.seed).choice(sample.rows, size=size, replace=False)
    drawn_from = sample if size == sample.rows else sample.where(np.sort(chosen))
    values = np.concatenate([metric.function(Draws(drawn_from, w)) for w in draw_weights(size, options)])
    defined = values[np.isfinite(values)]
    if defined.size < 0.9 * values.size:
        return None
    return float(defined.std(ddof=1)) * math.sqrt(size / sample.rows)


def _bounded(interval: tuple[float, float], metric: Metric) -> tuple[float, float]:
    return (max(0.0, interval[0]), min(1.0, interval[1])) if metric.bounded else interval


def _below(gain: float, error: float) -> float:
    """The probability of at most this gain when there is none, of a normal distribution."""
    if error == 0:
        return 1.0 if gain >= 0 else 0.0
    return 0.5 * math.erfc(-gain / error / math.sqrt(2))
