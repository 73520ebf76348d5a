"""What a check tells beyond that something changed: odd rows, since when the model errs more, and what explains it.

The rooms `anomaly`, `concept` and `attribution` each have one part in it; this module hands them the same columns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from millwright.monitoring.anomaly import AnomalySettings, PastSettings, RowAnomalies, compare_rows, learn_rows
from millwright.monitoring.anomaly.usual_share import beside_season
from millwright.monitoring.attribution import (
    AttributionSettings,
    DriftShare,
    Importances,
    LossAttribution,
    LossSide,
    Novelty,
    attribute_drift,
    attribute_loss,
    compare_novelty,
    example_rows,
)
from millwright.monitoring.column_table import ColumnView
from millwright.monitoring.concept import ConceptReport, ConceptSettings, ErrorWindow, go_on
from millwright.monitoring.drift import ColumnDrift
from millwright.monitoring.monitored_column import monitored_columns
from millwright.monitoring.reference import Reference
from millwright.monitoring.row_loss import RowLosses, row_losses
from millwright.monitoring.slice_performance import LabelledRows

if TYPE_CHECKING:
    from millwright.models.signature import Signature
    from millwright.monitoring.monitored_column import MonitoredColumn

ImportanceSource = Callable[[], Importances | str]  # or why there are none


@dataclass(frozen=True, kw_only=True, slots=True)
class InsightSettings:
    """Which of it is looked for.

    Attributes:
        anomalies: Odd rows.
        concept: Errors that rise within the window.
        attribution: What explains drift and loss.
        past: What the metric of a check is held against.
    """

    anomalies: AnomalySettings = field(default_factory=AnomalySettings)
    concept: ConceptSettings = field(default_factory=ConceptSettings)
    attribution: AttributionSettings = field(default_factory=AttributionSettings)
    past: PastSettings = field(default_factory=PastSettings)


@dataclass(frozen=True, kw_only=True, slots=True)
class Insights:
    """What was found; None where it was not looked for, or could not be told.

    Attributes:
        anomalies: Odd rows.
        concept: Drift of the errors.
        drift: Drifted features, the most weighty first.
        importances: What their weights come from.
        note: Why importances are not known; else empty.
        loss: What a change of the loss is due to.
        novelty: Whether rows that are new are those that the model errs on.
        watch: What the next check of the same stream is to be given, to go on with its errors.
    """

    anomalies: RowAnomalies | None = None
    concept: ConceptReport | None = None
    drift: tuple[DriftShare, ...] = ()
    importances: Importances | None = None
    note: str = ""
    loss: LossAttribution | None = None
    novelty: Novelty | None = None
    watch: bytes | None = None

    def to_json(self) -> dict[str, Any]:
        """By part, nearly JSON values: moments are left as they are; without `watch`."""
        loss = self.loss
        return {
            "anomalies": None if self.anomalies is None else asdict(self.anomalies),
            "concept": None if self.concept is None else _concept_json(self.concept),
            "attribution": {
                "drift": [asdict(share) for share in self.drift],
                "importances": None if self.importances is None else asdict(self.importances),
                "note": self.note,
                "loss": None if loss is None else asdict(loss) | {"change": loss.change},
                "novelty": None if self.novelty is None else asdict(self.novelty),
            },
        }


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class InsightSubject:
    """What is looked at.

    Attributes:
        window: The window's n rows, conformed, with answers and labels.
        ids: The n predictions.
        at: When they were answered.
        earlier: The reference's rows beside which performance is seen.
        drift: The compared columns.
        has_joint_drift: Whether all features together have drifted.
        watch: What the check before this one has given to go on with; None for a stream that begins.
        season: Rows of the same part of the season, beside which columns were compared; None for all of the reference.
    """

    window: LabelledRows
    ids: pl.Series | ColumnView
    at: pl.Series
    earlier: LabelledRows
    drift: Sequence[ColumnDrift]
    has_joint_drift: bool
    watch: bytes | None = None
    season: Reference | None = None


def find_insights(
    subject: InsightSubject,
    known: tuple[Reference, Signature],
    settings: InsightSettings,
    importances: ImportanceSource | None = None,
) -> Insights:
    """Look for all of it.

    Args:
        subject: The window.
        known: The reference and the signature of the version that answered.
        settings: What is looked for.
        importances: Asked only when a feature has drifted; it may take a while.
    """
    reference, signature = known
    window, earlier = subject.window, subject.earlier
    now = row_losses(window.outputs, window.labels, signature)
    then = row_losses(earlier.outputs, earlier.labels, signature)
    usual = reference.kept.get(
        ("usual rows", tuple(column.name for column in signature.inputs), settings.anomalies),
        lambda: learn_rows(reference.training.inputs, signature, settings.anomalies),
    )
    concept, watch = _concept(subject, now, then, signature, settings.concept)
    anomalies = compare_rows(usual, window.inputs, subject.ids, settings.anomalies)
    if subject.season is not None:
        anomalies = beside_season(anomalies, usual, subject.season.training.inputs)
        reference = subject.season
    found = Insights(
        anomalies=anomalies,
        concept=concept,
        watch=watch,
    )
    if not settings.attribution.enabled:
        return found
    found = _with_drift(found, subject, (reference, signature), settings.attribution, importances)
    if now is None or then is None:
        return found
    columns = _features(signature)
    sides = (LossSide(inputs=earlier.inputs, losses=then), LossSide(inputs=window.inputs, losses=now, ids=subject.ids))
    loss = attribute_loss(columns, *sides, settings.attribution)
    novelty = None
    if settings.attribution.novelty and subject.has_joint_drift and loss is not None and loss.change > 0:
        novelty = compare_novelty(
            reference.training.inputs,
            window.inputs,
            now,
            subject.ids,
            signature,
            examples=settings.attribution.examples,
        )
    return replace(found, loss=loss, novelty=novelty)


def _features(signature: Signature) -> tuple[MonitoredColumn, ...]:
    return tuple(column for column in monitored_columns(signature) if not column.output)


def _with_drift(
    found: Insights,
    subject: InsightSubject,
    known: tuple[Reference, Signature],
    settings: AttributionSettings,
    importances: ImportanceSource | None,
) -> Insights:
    reference, signature = known
    if not any(drift.record.drifted and not drift.output for drift in subject.drift):
        return found
    told = importances() if importances is not None else None
    measured = told if isinstance(told, Importances) else None
    shares = attribute_drift(subject.drift, measured.shares if measured else None)[: settings.features]
    columns = {column.name: column for column in _features(signature)}
    shown = []
    for each in shares:
        share = each
        if share.column in columns:
            sides = (reference.training.inputs[share.column], subject.window.inputs[share.column])
            where, rows = example_rows(columns[share.column], *sides, subject.ids, examples=settings.examples)
            share = replace(share, where=where, examples=rows)
        shown.append(share)
    note = told if isinstance(told, str) else ""
    return replace(found, drift=tuple(shown), importances=measured, note=note)


def _concept(
    subject: InsightSubject,
    now: RowLosses | None,
    then: RowLosses | None,
    signature: Signature,
    settings: ConceptSettings,
) -> tuple[ConceptReport | None, bytes | None]:
    if now is None:
        return None, subject.watch
    window = ErrorWindow(
        errors=now.errors,
        at=subject.at.gather(now.rows),
        ids=subject.ids.gather(now.rows),
        reference=np.empty(0) if then is None else then.errors,
        is_class=signature.task.is_classification,
        start=subject.at.min(),  # type: ignore[arg-type]
    )
    return go_on(subject.watch, window, settings)


def _concept_json(report: ConceptReport) -> dict[str, Any]:
    return asdict(report) | {
        "drifts": [
            {
                "worse": drift.worse,
                "before": drift.before,
                "after": drift.after,
                "changed_at": drift.changed.at,
                "changed_id": drift.changed.prediction_id,
                "detected_at": drift.detected.at,
                "detected_id": drift.detected.prediction_id,
            }
            for drift in report.drifts
        ]
    }
