"""Limits of drift and of a loss from chunks of the reference, in place of the customary ones.

Customary limits (a PSI of 0.2) are the same for windows of any size and columns of any kind. Chunks of the reference
that are as large as the window show what is usual for it (`threshold`). On a large window that is little: such limits
tell small changes, too, where that is wanted.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from millwright.evaluation.metrics.catalog import MAIN_METRIC, get_metric
from millwright.models.task import Task
from millwright.monitoring.labelled import labelled_sample
from millwright.monitoring.statistics import CategoricalColumn, ColumnKind, NumericColumn
from millwright.monitoring.statistics.catalog import find_statistic
from millwright.monitoring.threshold import Limits, ThresholdMethod, ThresholdSettings, chunk_values
from millwright.monitoring.threshold.limit import LEAST_VALUES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import polars as pl

    from millwright.evaluation.metrics.sample import Codes
    from millwright.models.signature import Signature
    from millwright.monitoring.drift_settings import DriftSettings
    from millwright.monitoring.monitored_column import MonitoredColumn
    from millwright.monitoring.performance import PerformanceSettings
    from millwright.monitoring.reference import Reference

_MOST = 5_000  # rows of the reference that are cut; of a chunk likewise
_SMALLEST = 1e-6  # a limit is above 0
_SEED = 20_261_122


def drift_limits(
    settings: DriftSettings,
    threshold: ThresholdSettings | None,
    reference: Mapping[MonitoredColumn, pl.Series],
    rows: int,
    *,
    parts: Mapping[MonitoredColumn, Sequence[Codes]] | None = None,
) -> DriftSettings:
    """Settings of drift with a limit per column.

    Args:
        settings: As they are; a limit that is set for a column stays, and a rule of its own comes first.
        threshold: By which rule for the other columns; None leaves their limits as they are.
        reference: Column → its conformed values.
        rows: Of the window.
        parts: Column → row numbers of the windows that its values were, three or more: each is held against the others,
            so that limits know how much one differs from the next. Limits by quantiles are at least those of chunks.
    """
    if rows < 1 or (threshold is None and not settings.rules):
        return settings
    limits = dict(settings.columns)
    for column, series in reference.items():
        rule = settings.rules.get(column.name, threshold)
        if rule is None or column.name in limits or not len(series):
            continue
        windows = (parts or {}).get(column, ())
        high = _by_windows(column, series, windows, (settings, rule)) if windows else None
        if high is None or rule.method is ThresholdMethod.QUANTILES:
            high = _higher(high, _by_chunks(column, series, rows, (settings, rule)))
        if high is not None:
            limits[column.name] = max(high, _SMALLEST)
    # What has a limit has no rule any more: a column has one of the two.
    return replace(settings, columns=limits, rules={})


def _by_chunks(
    column: MonitoredColumn, series: pl.Series, rows: int, how: tuple[DriftSettings, ThresholdSettings]
) -> float | None:
    settings, rule = how
    known = column.view(series if len(series) <= _MOST else series.sample(_MOST, seed=_SEED))
    found = _limits(len(known), rows, partial(_distance, column.kind, known, settings), rule)
    return None if found is None else found.high


def _by_windows(
    column: MonitoredColumn, series: pl.Series, parts: Sequence[Codes], how: tuple[DriftSettings, ThresholdSettings]
) -> float | None:
    settings, rule = how
    known = column.view(series)
    values = []
    for number, part in enumerate(parts):
        others = np.concatenate([other for place, other in enumerate(parts) if place != number])
        values.append(_distance(column.kind, known, settings, part, others))
    finite = [value for value in values if np.isfinite(value)]
    return Limits.of(finite, rule).high if len(finite) >= LEAST_VALUES else None


def _higher(first: float | None, second: float | None) -> float | None:
    return max((each for each in (first, second) if each is not None), default=None)


def performance_limits(
    settings: PerformanceSettings,
    threshold: ThresholdSettings | None,
    known: tuple[Reference, Signature],
    labelled_rows: int,
) -> PerformanceSettings:
    """Settings of performance with the loss that chunks of the reference's labelled rows show.

    Args:
        settings: As they are.
        threshold: By which rule; None leaves everything as it is.
        known: The reference and the signature of the version.
        labelled_rows: Of the window.
    """
    reference, signature = known
    if threshold is None or labelled_rows < settings.min_labels or signature.task is Task.TENSOR:
        return settings
    part = reference.answers
    sample = labelled_sample(part.outputs, part.labels, signature)
    metric = get_metric(settings.metric or MAIN_METRIC[signature.task], signature.task)
    then = reference.metrics.get(metric.name)
    if sample is None or then is None:
        return settings
    limits = _limits(sample.rows, labelled_rows, lambda chunk, _: metric.value(sample.where(chunk)), threshold)
    worst = None if limits is None else limits.low if metric.greater_is_better else limits.high
    if worst is None:
        return settings
    loss = max(0.0, -metric.gain(worst, then))
    if metric.bounded:
        return replace(settings, max_loss=loss)
    return settings if then == 0 else replace(settings, max_relative_loss=loss / abs(then))


def _distance(kind: ColumnKind, known: pl.Series, settings: DriftSettings, chunk: Codes, rest: Codes) -> float:
    sides = known.gather(rest), known.gather(chunk)
    pair = (
        NumericColumn(*sides, bins=settings.bins)
        if kind is ColumnKind.NUMERIC
        else CategoricalColumn(*sides, levels=settings.levels)
    )
    return find_statistic(settings.statistic_for(kind)).score(pair).value


def _limits(
    rows: int, size: int, measure: Callable[[Codes, Codes], float | None], threshold: ThresholdSettings
) -> Limits | None:
    """None where the metric is defined on fewer chunks than limits take."""
    if threshold.method is ThresholdMethod.CONSTANT:
        return Limits.of([], threshold)
    values = chunk_values(rows, min(size, _MOST), measure).values
    return Limits.of(values, threshold) if values.size >= LEAST_VALUES else None
