"""A window beside the reference: drift, data quality, performance, bias and operation, of the same columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError
from millwright.monitoring.anomaly.metric import OddMetric, compare_with_past
from millwright.monitoring.bias import GroupBias, measure_bias
from millwright.monitoring.chunk_limit import drift_limits, performance_limits
from millwright.monitoring.column_table import ColumnView
from millwright.monitoring.drift import ColumnDrift, compare_columns
from millwright.monitoring.embedding import compare_tensors
from millwright.monitoring.estimation.estimate import Estimate
from millwright.monitoring.insight import ImportanceSource, Insights, InsightSubject, find_insights
from millwright.monitoring.joint import JointDrift, compare_joint
from millwright.monitoring.labelled import label_column
from millwright.monitoring.monitored_column import monitored_columns, output_table, without_tensors
from millwright.monitoring.named_columns import unknown_columns
from millwright.monitoring.operations import Operations, ServedCounts, measure_operations
from millwright.monitoring.performance import Performance, measure_performance
from millwright.monitoring.quality import QualityResult, QualitySubject, check_quality, check_silence
from millwright.monitoring.quality.missing import MissingShare, compare_missing
from millwright.monitoring.seasonal.found import SeasonalReference
from millwright.monitoring.slice_performance import LabelledRows, SlicePerformance, measure_slices
from millwright.monitoring.window_inputs import window_inputs

if TYPE_CHECKING:
    import polars as pl

    from millwright.models.signature import Signature
    from millwright.monitoring.anomaly import PastSettings
    from millwright.monitoring.column_table import Table
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
        past_metrics: Likewise of other metrics that are held against their past, by name.
        season: What it was held against in place of all of the reference; None where no season is told apart.
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
    past_metrics: Mapping[str, OddMetric] = field(default_factory=dict)
    season: SeasonalReference | None = None
    notes: tuple[str, ...] = ()

    @property
    def coverage(self) -> float:
        """The share of rows whose label is known, 0 to 1."""
        return self.performance.labelled_rows / self.rows if self.performance and self.rows else 0.0

    @property
    def reference_time(self) -> str:
        """When the metrics were measured that performance is held against, as messages say it."""
        season = self.season
        return "at evaluation" if season is None or season.performance is None else f"in the same {season.name}"

    @property
    def season_clause(self) -> str:
        """For the end of a message about drift: beside which part of the season it was judged, if any."""
        return self.season.clause if self.season is not None else ""


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
        season: Rows of the same part of the season, which the window is held against in place of all of the reference:
            its drift, missing values, odd rows, and where enough labels are known its performance. Ranges, categories
            and duplicates are those of all of the reference, and so are groups and the errors of a stream.
    """

    now: datetime | None = None
    newest_label: datetime | None = None
    newest_row: datetime | None = None
    hours: Mapping[datetime, int] = field(default_factory=dict)
    served: ServedCounts | None = None
    importances: ImportanceSource | None = None
    earlier: Sequence[tuple[datetime, Mapping[str, float]]] = ()
    watch: bytes | None = None
    season: SeasonalReference | None = None


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
    _refuse_unknown(settings, signature)
    tensors = compare_tensors(reference.training.inputs, rows.features, signature, settings.tensors)
    whole = signature
    if signature.tensors:
        reference, signature = reference.without(signature.tensors), without_tensors(signature)
    around = circumstances or Circumstances()
    if not len(rows):
        return replace(_without_rows(rows, around, settings), notes=notes)
    inputs = window_inputs(rows.features, signature, rows=len(rows))
    outputs = output_table(rows.outputs, signature, rows=len(rows))
    truth = label_column(labels, ColumnView(rows.rows, "id"), signature)
    usual = _usual(reference, signature, around.season)
    judged = _judged_by(reference, signature, around.season)
    limits = performance_limits(settings.performance, settings.chunks, (judged, signature), len(truth.drop_nulls()))
    performance = measure_performance(outputs, truth, judged, signature, limits)
    labelled = LabelledRows(inputs=inputs, outputs=outputs, labels=truth)
    subject = _quality_subject(rows, inputs, (reference, whole), around)
    drift = [*_drift(labelled, (reference, usual, signature), settings, around.season), *tensors]
    joint = compare_joint(usual.training.inputs, inputs, signature, settings.joint)
    watched = InsightSubject(
        window=labelled,
        ids=ColumnView(rows.rows, "id"),
        at=rows.rows["at"],
        earlier=_answered(reference),
        drift=drift,
        has_joint_drift=joint is not None and joint.drifted,
        watch=around.watch,
        season=None if usual is reference else usual,
    )
    past, others = _beside_past(performance, rows.end, around, settings.insight.past)
    earlier = _answered(judged)
    return Comparison(
        rows=len(rows),
        drift=tuple(drift),
        joint=joint,
        missing=tuple(compare_missing(usual.training.inputs, inputs, settings.missing)),
        performance=performance,
        estimated=estimator.estimate(inputs, outputs, settings.performance.bootstrap) if estimator else None,
        quality=check_quality(subject, settings.quality, min_rows=settings.min_rows),
        slices=measure_slices(labelled, earlier, signature, settings, metric=performance.metric) if performance else (),
        bias=measure_bias(labelled, _answered(reference), signature, settings.bias),
        operations=measure_operations(rows, settings.operations, served=around.served),
        insights=find_insights(watched, (reference, signature), settings.insight, around.importances),
        past=past,
        past_metrics=others,
        season=around.season,
        notes=(*notes, *(around.season.notes if around.season is not None else ())),
    )


def _usual(reference: Reference, signature: Signature, season: SeasonalReference | None) -> Reference:
    """What columns are compared with: the season's rows where there are some, without tensors as the reference."""
    if season is None or season.reference is None:
        return reference
    return season.reference.without(_others(season.reference, signature))


def _judged_by(reference: Reference, signature: Signature, season: SeasonalReference | None) -> Reference:
    if season is None or season.performance is None:
        return reference
    return season.performance.without(_others(season.performance, signature))


def _others(reference: Reference, signature: Signature) -> list[str]:
    known = {column.name for column in signature.inputs}
    return [name for name in reference.training.inputs.columns if name not in known]


def _answered(reference: Reference) -> LabelledRows:
    part = reference.answers
    return LabelledRows(inputs=part.inputs, outputs=part.outputs, labels=part.labels)


def _drift(
    window: LabelledRows,
    known: tuple[Reference, Reference, Signature],
    settings: MonitorSettings,
    season: SeasonalReference | None,
) -> list[ColumnDrift]:
    """Each column beside the season's rows, or all of the reference where it has no season."""
    reference, usual, signature = known
    without = settings.season.without | (season.held if season is not None else frozenset())
    columns = monitored_columns(signature)
    before, parts = {}, {}
    for column in columns:
        beside = reference if column.name in without else usual
        before[column] = (beside.answers.outputs if column.output else beside.training.inputs)[column.name]
        if season is not None and beside is usual:
            parts[column] = season.parts
    rows = len(window.labels)
    how = settings.drift
    if usual is not reference:
        how = replace(how, false_discovery_rate=min(how.false_discovery_rate, settings.season.false_discovery_rate))
    limits = drift_limits(how, settings.chunks, before, rows, parts=parts)
    return compare_columns(columns, before, window, limits)


def _refuse_unknown(settings: MonitorSettings, signature: Signature) -> None:
    """All columns that the settings name, and that the model does not have."""
    problems = unknown_columns(settings, signature)
    if problems:
        raise InvalidInputError(" ".join(problems), hint="Correct the names in the settings of the monitor.")


def _beside_past(
    performance: Performance | None, at: datetime, around: Circumstances, settings: PastSettings
) -> tuple[OddMetric | None, dict[str, OddMetric]]:
    """The deciding metric beside that of earlier checks, and the others that the settings name."""
    found = {}
    names = [] if performance is None else [performance.metric, *settings.metrics]
    for name in names:
        value = performance.metrics.get(name) if performance is not None else None
        if value is None:
            continue
        known = [(moment, metrics[name]) for moment, metrics in around.earlier if name in metrics]
        odd = compare_with_past(value, at, known, settings)
        if odd is not None:
            found[name] = odd
    return (found.pop(names[0], None) if names else None), found


def _without_rows(rows: WindowRows, around: Circumstances, settings: MonitorSettings) -> Comparison:
    """What an empty window tells: since when nothing came, and what the server counted, which may have refused all."""
    now, served = around.now or rows.end, around.served
    return Comparison(
        rows=0,
        drift=(),
        missing=(),
        performance=None,
        quality=check_silence(
            settings.quality, newest_row=around.newest_row, newest_label=around.newest_label, now=now
        ),
        operations=None if served is None else measure_operations(rows, settings.operations, served=served),
    )


def _quality_subject(
    rows: WindowRows, inputs: Table, known: tuple[Reference, Signature], around: Circumstances
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
