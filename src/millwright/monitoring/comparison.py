"""A window beside the reference: drift, data quality, performance, bias and operation, of the same columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from millwright.monitoring.anomaly.metric import OddMetric, compare_with_past
from millwright.monitoring.bias import GroupBias, measure_bias
from millwright.monitoring.chunk_limit import drift_limits, performance_limits
from millwright.monitoring.drift import ColumnDrift, compare_columns
from millwright.monitoring.embedding import compare_tensors
from millwright.monitoring.estimation.estimate import Estimate
from millwright.monitoring.insight import ImportanceSource, Insights, InsightSubject, find_insights
from millwright.monitoring.joint import JointDrift, compare_joint
from millwright.monitoring.labelled import label_column
from millwright.monitoring.monitored_column import input_table, monitored_columns, output_table, without_tensors
from millwright.monitoring.operations import Operations, ServedCounts, measure_operations
from millwright.monitoring.performance import Performance, measure_performance
from millwright.monitoring.quality import QualityResult, QualitySubject, check_quality, check_silence
from millwright.monitoring.quality.missing import MissingShare, compare_missing
from millwright.monitoring.slice_performance import LabelledRows, SlicePerformance, measure_slices

if TYPE_CHECKING:
    import polars as pl

    from millwright.models.signature import Signature
    from millwright.monitoring.anomaly import PastSettings
    from millwright.monitoring.estimation import WindowEstimator
    from millwright.monitoring.reference import Reference
    from millwright.monitoring.settings import MonitorSettings
    from millwright.monitoring.window import WindowRows


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Comparison:
    """What a window looks like beside the reference.

    Attributes:
        rows: Rows of the window.
        drift: One result per column; empty for a window without rows.
        joint: All features together; None when they were not compared.
        missing: One result per input column; empty for a window without rows.
        performance: None for a window without rows, and for a model that no metric is for.
        estimated: What labels are expected to show; None when that cannot be told.
        quality: One result per check; empty for a window without rows.
        slices: Performance of the slices; empty with too few labels.
        bias: One result per column that declares groups.
        operations: Latency, throughput, errors and cost; None for a window without rows.
        insights: Odd rows, errors that rise, and what explains drift and a loss.
        past: The performance beside that of earlier checks; None with too few of these.
        notes: What a reader should know: too few rows, rows of other versions, …
    """

    rows: int
    drift: tuple[ColumnDrift, ...]
    missing: tuple[MissingShare, ...]
    performance: Performance | None
    joint: JointDrift | None = None
    estimated: Estimate | None = None
    quality: tuple[QualityResult, ...] = ()
    slices: tuple[SlicePerformance, ...] = ()
    bias: tuple[GroupBias, ...] = ()
    operations: Operations | None = None
    insights: Insights = field(default_factory=Insights)
    past: OddMetric | None = None
    notes: tuple[str, ...] = ()

    @property
    def coverage(self) -> float:
        """The share of rows whose label is known, 0 to 1."""
        return self.performance.labelled_rows / self.rows if self.performance and self.rows else 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Circumstances:
    """What is known of a window beside its rows and the reference.

    Attributes:
        now: When it is looked at; its end when None.
        newest_label: When the endpoint's newest label was told; None without labels.
        newest_row: When the endpoint was last asked, about, of an open window without rows; None where it was not.
        hours: Rows per hour before the window, by the hour's beginning; empty where that is not known.
        served: What the server counted in that time; None where it does not tell.
        importances: Tells how much each feature matters; asked only when one has drifted.
        earlier: When earlier windows of the version ended, and the metrics of each.
        watch: What the last check of the stream has given to go on with (`concept.go_on`).
    """

    now: datetime | None = None
    newest_label: datetime | None = None
    newest_row: datetime | None = None
    hours: Mapping[datetime, int] = field(default_factory=dict)
    served: ServedCounts | None = None
    importances: ImportanceSource | None = None
    earlier: Sequence[tuple[datetime, Mapping[str, float]]] = ()
    watch: bytes | None = None


def compare_window(
    rows: WindowRows,
    labels: pl.DataFrame,
    known: tuple[Reference, Signature],
    settings: MonitorSettings,
    notes: tuple[str, ...] = (),
    *,
    estimator: WindowEstimator | None = None,
    circumstances: Circumstances | None = None,
) -> Comparison:
    """Compare a window's rows with a reference; reads and writes nothing.

    Args:
        rows: The window.
        labels: `prediction_id` and `value` as JSON text (`PredictionStore.label_table`); others' labels are ignored.
        known: The reference and the signature of the version that answered.
        settings: How to judge.
        notes: What the caller has to say about the window.
        estimator: Of the version; without it performance is not estimated.
        circumstances: What else is known.

    Raises:
        InvalidInputError: The settings name a metric or a column that there is not.
    """
    reference, signature = known
    tensors = compare_tensors(reference.training.inputs, rows.features, signature, settings.tensors)
    whole = signature
    if signature.tensors:
        reference, signature = reference.without(signature.tensors), without_tensors(signature)
    if not len(rows):
        silence = _silence(rows, circumstances or Circumstances(), settings)
        return Comparison(rows=0, drift=(), missing=(), performance=None, quality=silence, notes=notes)
    inputs = input_table(rows.features, signature, rows=len(rows))
    outputs = output_table(rows.outputs, signature, rows=len(rows))
    columns = monitored_columns(signature)
    before = {c: (reference.answers.outputs if c.output else reference.training.inputs)[c.name] for c in columns}
    now = {c: (outputs if c.output else inputs)[c.name] for c in columns}
    truth = label_column(labels, rows.rows["id"], signature)
    limits = performance_limits(settings.performance, settings.chunks, (reference, signature), len(truth.drop_nulls()))
    performance = measure_performance(outputs, truth, reference, signature, limits)
    labelled = LabelledRows(inputs=inputs, outputs=outputs, labels=truth)
    part = reference.answers
    earlier = LabelledRows(inputs=part.inputs, outputs=part.outputs, labels=part.labels)
    around = circumstances or Circumstances()
    subject = _quality_subject(rows, inputs, (reference, whole), around)
    drift = compare_columns(columns, before, now, drift_limits(settings.drift, settings.chunks, before, len(rows)))
    drift += tensors
    joint = compare_joint(reference.training.inputs, inputs, signature, settings.joint)
    watched = InsightSubject(
        window=labelled,
        ids=rows.rows["id"].to_list(),
        at=rows.rows["at"],
        earlier=earlier,
        drift=drift,
        has_joint_drift=joint is not None and joint.drifted,
        watch=around.watch,
    )
    return Comparison(
        rows=len(rows),
        drift=tuple(drift),
        joint=joint,
        missing=tuple(compare_missing(reference.training.inputs, inputs, settings.missing)),
        performance=performance,
        estimated=estimator.estimate(inputs, outputs, settings.performance.bootstrap) if estimator else None,
        quality=check_quality(subject, settings.quality, min_rows=settings.min_rows),
        slices=measure_slices(labelled, earlier, signature, settings, metric=performance.metric) if performance else (),
        bias=measure_bias(labelled, earlier, signature, settings.bias),
        operations=measure_operations(rows, settings.operations, served=around.served),
        insights=find_insights(watched, (reference, signature), settings.insight, around.importances),
        past=_beside_past(performance, rows.end, around, settings.insight.past),
        notes=notes,
    )


def _beside_past(
    performance: Performance | None, at: datetime, around: Circumstances, settings: PastSettings
) -> OddMetric | None:
    if performance is None or performance.metric not in performance.metrics:
        return None
    name = performance.metric
    known = [(moment, metrics[name]) for moment, metrics in around.earlier if name in metrics]
    return compare_with_past(performance.metrics[name], at, known, settings)


def _silence(rows: WindowRows, around: Circumstances, settings: MonitorSettings) -> tuple[QualityResult, ...]:
    now = around.now or rows.end
    newest_row, newest_label = around.newest_row, around.newest_label
    return check_silence(settings.quality, newest_row=newest_row, newest_label=newest_label, now=now)


def _quality_subject(
    rows: WindowRows, inputs: pl.DataFrame, known: tuple[Reference, Signature], around: Circumstances
) -> QualitySubject:
    reference, signature = known
    return QualitySubject(
        rows=rows,
        inputs=inputs,
        reference=reference.training.inputs,
        signature=signature,
        now=around.now or rows.end,
        newest_label=around.newest_label,
        hours=around.hours,
    )
