"""Values are missing more often than they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.records.monitor import Severity
from millwright.evaluation.wording import counted
from millwright.monitoring.alarms.alarm import Alarm
from millwright.monitoring.alarms.naming import named
from millwright.monitoring.finding import AlertKind, Finding

if TYPE_CHECKING:
    from millwright.monitoring.comparison import Comparison
    from millwright.monitoring.settings import MonitorSettings


def _judged(comparison: Comparison, settings: MonitorSettings) -> bool:
    return comparison.rows >= settings.min_rows


def _find(comparison: Comparison, settings: MonitorSettings) -> Finding | None:
    del settings
    risen = sorted((share for share in comparison.missing if share.risen), key=lambda s: s.reference - s.current)
    if not risen:
        return None
    shown = named([f"{s.column} {s.reference:.0%} → {s.current:.0%}" for s in risen])
    return Finding(
        kind=AlertKind.MISSING_DATA,
        severity=Severity.WARNING,
        message=f"Over {counted(comparison.rows, 'row')}, values are missing more often: {shown}"
        f"{comparison.season_clause}.",
        evidence={"columns": {s.column: {"reference": s.reference, "current": s.current} for s in risen}},
    )


MISSING_DATA = Alarm(kind=AlertKind.MISSING_DATA, judged=_judged, find=_find)
