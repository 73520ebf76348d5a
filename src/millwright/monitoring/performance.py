"""How good the answers were, once labels are known, beside how good they were at evaluation time.

A loss counts when it is larger than a limit **and** the bootstrap interval of the difference lies wholly on the worse
side. Both samples are drawn: the window's labelled rows and the reference's held-out rows, so that a small test set
does not pass for the truth. Source: `evaluation.interval`. Of more than 10,000 rows, as many are drawn from, and the
draws' deviations scaled to all rows by the square root (m out of n bootstrap; Bickel, Götze and van Zwet, 1997).

Early labels are not a fair sample when bad outcomes take longer to be known (a phase that runs late ends late): the
report states the share of labelled rows beside every figure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from millwright.core.errors import InvalidInputError
from millwright.evaluation.interval import BootstrapOptions, drawn_values, percentile_interval
from millwright.evaluation.metrics.catalog import MAIN_METRIC, get_metric, measure, metrics_for
from millwright.monitoring.labelled import labelled_sample
from millwright.monitoring.threshold.limit import Judgement, Limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from millwright.evaluation.metrics.metric import Metric
    from millwright.evaluation.metrics.sample import Floats, Sample
    from millwright.models.signature import Signature
    from millwright.monitoring.reference import Reference


_MOST = 10_000  # rows that draws are made from
_CELLS = 5_000_000  # rows times draws: the ends of an interval are off by some 3 % of its width then


@dataclass(frozen=True, kw_only=True, slots=True)
class PerformanceSettings:
    """How a loss of performance is decided.

    Attributes:
        metric: The deciding metric; the task's main one when None (ROC AUC, RMSE).
        max_loss: Tolerated loss of a metric that lies in [0, 1], in its unit.
        max_relative_loss: Tolerated loss of any other metric, as a share of its reference value.
        min_labels: With fewer labelled rows nothing is decided.
        bootstrap: How intervals are drawn.
        limits: Metric → limits of its value itself, whatever the reference showed. The value counts, as it is of the
            labelled rows: its interval stands beside it.

    Raises:
        InvalidInputError: A limit below 0.
    """

    metric: str | None = None
    max_loss: float = 0.05
    max_relative_loss: float = 0.1
    min_labels: int = 50
    bootstrap: BootstrapOptions = field(default_factory=BootstrapOptions)
    limits: Mapping[str, Limits] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not (self.max_loss >= 0 and self.max_relative_loss >= 0):
            raise InvalidInputError(
                f"Expected limits of 0 or more for the loss of performance, found {self.max_loss} and "
                f"{self.max_relative_loss}."
            )

    def limit(self, metric: Metric, reference: float) -> float:
        """The tolerated loss in the metric's unit."""
        return self.max_loss if metric.bounded else self.max_relative_loss * abs(reference)


@dataclass(frozen=True, kw_only=True, slots=True)
class Performance:
    """Realised performance of a window.

    Attributes:
        labelled_rows: Rows with a known label.
        metrics: Metric name → value on them.
        intervals: Metric name → (low, high).
        reference: Metric name → value at evaluation time.
        metric: The deciding metric.
        gain: By how much the window is better than the reference in that metric; negative is a loss; None when one
            of the two is not known.
        gain_interval: Its bootstrap interval.
        limit: The tolerated loss.
        degraded: Whether performance was lost.
        judged: Metric → its value beside the limits that are set for it; empty with too few labels.
    """

    labelled_rows: int
    metrics: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    reference: Mapping[str, float]
    metric: str
    gain: float | None = None
    gain_interval: tuple[float, float] | None = None
    limit: float | None = None
    degraded: bool = False
    judged: Mapping[str, Judgement] = field(default_factory=dict)

    @property
    def broken(self) -> dict[str, Judgement]:
        """The metrics that are beyond the limits set for them."""
        return {name: found for name, found in self.judged.items() if found.outside is not None}


def measure_performance(
    outputs: pl.DataFrame,
    labels: pl.Series,
    reference: Reference,
    signature: Signature,
    settings: PerformanceSettings | None = None,
) -> Performance | None:
    """Measure a window and compare it with the reference.

    Args:
        outputs: The window's n answers (`monitored_column.output_frame`).
        labels: Their n labels (`labelled.label_series`), null where not known yet.
        reference: Of the version that answered.
        signature: Of that version.
        settings: How to decide.

    Returns:
        None where no metric tells what would be right: the answers are tensors.

    Raises:
        InvalidInputError: The settings name a metric that there is not, or that is not of the task.
    """
    if signature.task not in MAIN_METRIC:
        return None
    chosen = settings or PerformanceSettings()
    metric = get_metric(chosen.metric or MAIN_METRIC[signature.task], signature.task)
    for name in chosen.limits:
        get_metric(name, signature.task)
    empty = Performance(
        labelled_rows=0, metrics={}, intervals={}, reference=dict(reference.metrics), metric=metric.name
    )
    sample = labelled_sample(outputs, labels, signature)
    if sample is None:
        return empty
    measured = replace(empty, labelled_rows=sample.rows, metrics=measure(sample))
    if sample.rows < chosen.min_labels:
        return measured
    measured = replace(
        measured,
        judged={
            name: limits.judge(measured.metrics[name])
            for name, limits in chosen.limits.items()
            if name in measured.metrics
        },
    )
    drawn = _drawn(sample, metrics_for(signature.task), chosen.bootstrap)
    found = {name: percentile_interval(values, chosen.bootstrap.confidence) for name, values in drawn.items()}
    intervals = {name: interval for name, interval in found.items() if interval is not None}
    return _compare(replace(measured, intervals=intervals), drawn, metric, reference, (signature, chosen))


def _drawn(sample: Sample, metrics: Sequence[Metric], options: BootstrapOptions) -> dict[str, Floats]:
    """Metric name → (b,) draws, as if they were made from all rows."""
    options = replace(options, budget=min(options.budget, _CELLS))
    if sample.rows <= _MOST:
        return drawn_values(sample, metrics, options)
    chosen = np.random.default_rng(options.seed).choice(sample.rows, size=_MOST, replace=False)
    part, scale = sample.where(np.sort(chosen)), math.sqrt(_MOST / sample.rows)
    values, centres = measure(sample), measure(part)
    return {
        name: values[name] + scale * (drawn - centres[name])
        for name, drawn in drawn_values(part, metrics, options).items()
        if name in values and name in centres
    }


def _compare(
    measured: Performance,
    drawn: Mapping[str, Floats],
    metric: Metric,
    reference: Reference,
    context: tuple[Signature, PerformanceSettings],
) -> Performance:
    signature, settings = context
    now, then = measured.metrics.get(metric.name), reference.metrics.get(metric.name)
    if now is None or then is None:
        return measured
    interval = None
    if metric.name in drawn:
        current, before = drawn[metric.name], _drawn_before(reference, then, metric, (signature, settings.bootstrap))
        gains = current - (then if before is None else np.resize(before, current.shape))
        interval = percentile_interval(gains if metric.greater_is_better else -gains, settings.bootstrap.confidence)
    gain, limit = metric.gain(now, then), settings.limit(metric, then)
    return replace(
        measured,
        gain=gain,
        gain_interval=interval,
        limit=limit,
        degraded=gain < -limit and interval is not None and interval[1] < 0,
    )


def _drawn_before(
    reference: Reference, then: float, metric: Metric, context: tuple[Signature, BootstrapOptions]
) -> Floats | None:
    """(b,) draws of the reference; None without labelled rows: the recorded value then stands as if it were exact."""
    signature, options = context
    known = reference.answers

    def draw() -> Floats | None:
        earlier = labelled_sample(known.outputs, known.labels, signature)
        drawn = {} if earlier is None else _drawn(earlier, [metric], replace(options, seed=options.seed + 1))
        values = drawn.get(metric.name)
        if values is None or not np.isfinite(values).any():
            return None
        # Centred on the recorded value, which may come from more rows than were kept.
        return np.asarray(then + values - np.nanmean(values))

    return reference.kept.get(("drawn", metric.name, options), draw)
