"""A window beside the reference: drift, missing values and performance in one pass over its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from millwright.monitoring.drift import ColumnDrift, compare_columns
from millwright.monitoring.labelled import label_series
from millwright.monitoring.missing import MissingShare, compare_missing
from millwright.monitoring.monitored_column import input_frame, monitored_columns, output_frame
from millwright.monitoring.performance import Performance, measure_performance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.core.ids import PredictionId
    from millwright.models.signature import Signature
    from millwright.monitoring.reference import Reference
    from millwright.monitoring.settings import MonitorSettings
    from millwright.monitoring.window import WindowRows


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Comparison:
    """What a window looks like beside the reference.

    Attributes:
        rows: Rows of the window.
        drift: One result per column; empty for a window without rows.
        missing: One result per input column; likewise.
        performance: None for a window without rows.
        notes: What a reader should know: too few rows, rows of other versions, …
    """

    rows: int
    drift: tuple[ColumnDrift, ...]
    missing: tuple[MissingShare, ...]
    performance: Performance | None
    notes: tuple[str, ...] = ()


def compare_window(
    rows: WindowRows,
    labels: Mapping[PredictionId, Any],
    known: tuple[Reference, Signature],
    settings: MonitorSettings,
    notes: tuple[str, ...] = (),
) -> Comparison:
    """Compare a window's rows with a reference; reads and writes nothing.

    Args:
        rows: The window.
        labels: Prediction id → true class or number, as JSON values; others are ignored.
        known: The reference and the signature of the version that answered.
        settings: How to judge.
        notes: What the caller has to say about the window.
    """
    reference, signature = known
    if not rows.records:
        return Comparison(rows=0, drift=(), missing=(), performance=None, notes=notes)
    inputs = input_frame([record.features for record in rows.records], signature)
    outputs = output_frame([record.outputs for record in rows.records], signature)
    columns = monitored_columns(signature)
    before = {c: (reference.answers.outputs if c.output else reference.training.inputs)[c.name] for c in columns}
    now = {c: (outputs if c.output else inputs)[c.name] for c in columns}
    truth = label_series([labels.get(record.id) for record in rows.records], signature)
    return Comparison(
        rows=len(rows.records),
        drift=tuple(compare_columns(columns, before, now, settings.drift)),
        missing=tuple(compare_missing(reference.training.inputs, inputs, settings.missing)),
        performance=measure_performance(outputs, truth, reference, signature, settings.performance),
        notes=notes,
    )
