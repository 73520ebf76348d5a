"""The errors of a stream of labels changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.records.monitor import Severity
from millwright.evaluation.wording import counted
from millwright.monitoring.alarms.alarm import Alarm
from millwright.monitoring.finding import AlertKind, Finding

if TYPE_CHECKING:
    from millwright.monitoring.comparison import Comparison
    from millwright.monitoring.settings import MonitorSettings


def _judged(comparison: Comparison, settings: MonitorSettings) -> bool:
    del settings
    report = comparison.insights.concept
    return report is not None and not report.note


def _find(comparison: Comparison, settings: MonitorSettings) -> Finding | None:
    del settings
    report = comparison.insights.concept
    if report is None or not report.worse:
        return None
    last = report.worse[-1]
    before, after = last.before * report.scale, last.after * report.scale
    since = f" since {last.changed.at:%Y-%m-%d %H:%M:%S}" if last.changed.at is not None else ""
    return Finding(
        kind=AlertKind.CONCEPT_DRIFT,
        severity=Severity.WARNING,
        message=f"On {counted(report.rows, 'labelled row')}, the mean error rose from {before:.3g} to {after:.3g}"
        f"{since} (prediction {last.changed.prediction_id}, {report.detector}).",
        evidence={
            "detector": report.detector,
            "expected": before,
            "found": after,
            "changed_at": None if last.changed.at is None else last.changed.at.isoformat(),
            "changed_id": last.changed.prediction_id,
            "detected_id": last.detected.prediction_id,
            "drifts": len(report.worse),
        },
    )


CONCEPT_DRIFT = Alarm(kind=AlertKind.CONCEPT_DRIFT, judged=_judged, find=_find)
