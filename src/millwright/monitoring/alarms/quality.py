"""What is wrong with the values of a window: one kind per check of data quality."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from millwright.core.records.monitor import Severity
from millwright.evaluation.wording import counted
from millwright.monitoring.alarms.alarm import Alarm
from millwright.monitoring.alarms.naming import named
from millwright.monitoring.finding import AlertKind, Finding

if TYPE_CHECKING:
    from millwright.monitoring.comparison import Comparison
    from millwright.monitoring.quality import QualityResult
    from millwright.monitoring.settings import MonitorSettings

_ORDER = (Severity.INFO, Severity.WARNING, Severity.CRITICAL)


def _result(comparison: Comparison, kind: AlertKind) -> QualityResult | None:
    return next((result for result in comparison.quality if result.kind is kind), None)


def _judged(comparison: Comparison, settings: MonitorSettings, *, kind: AlertKind) -> bool:
    del settings
    result = _result(comparison, kind)
    return result is not None and result.judged


def _find(comparison: Comparison, settings: MonitorSettings, *, kind: AlertKind) -> Finding | None:
    del settings
    result = _result(comparison, kind)
    if result is None or not result.broken:
        return None
    broken = sorted(result.broken, key=lambda measure: _ORDER.index(measure.severity), reverse=True)
    measures = [asdict(m) | {"severity": m.severity.value, "examples": list(m.examples)} for m in broken]
    over = f"Over {counted(comparison.rows, 'row')}" if comparison.rows else "No row has come"
    return Finding(
        kind=kind,
        severity=broken[0].severity,
        message=f"{over}, {named([measure.message for measure in broken])}.",
        evidence={"measures": measures, "rows": comparison.rows},
    )


QUALITY = tuple(
    Alarm(kind=kind, judged=partial(_judged, kind=kind), find=partial(_find, kind=kind))
    for kind in (
        AlertKind.SCHEMA_CHANGE,
        AlertKind.TYPE_CHANGE,
        AlertKind.OUT_OF_RANGE,
        AlertKind.NEW_CATEGORIES,
        AlertKind.DUPLICATES,
        AlertKind.VOLUME,
        AlertKind.FRESHNESS,
    )
)
