"""A part of the answers became worse, while their average may hold."""

from __future__ import annotations

from dataclasses import asdict
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
    del settings
    return any(part.gain is not None for part in comparison.slices)


def _find(comparison: Comparison, settings: MonitorSettings) -> Finding | None:
    """The worst slice is named; while all is lost anyway (`performance`), its parts are no news."""
    del settings
    overall = comparison.performance
    if overall is not None and overall.degraded:
        return None
    lost = sorted((part for part in comparison.slices if part.lost), key=lambda part: part.gain or 0.0)
    if not lost:
        return None
    worst = lost[0]
    others = [f"{part.column} = {part.value}" for part in lost[1:]]
    message = (
        f"Where {worst.column} is {worst.value}, {worst.metric} is {worst.current:.4g} on "
        f"{counted(worst.labelled_rows, 'labelled row')}; at evaluation it was {worst.reference:.4g}"
    )
    return Finding(
        kind=AlertKind.SLICE_PERFORMANCE,
        severity=Severity.WARNING,
        message=f"{message}. Lost as well: {named(others)}." if others else f"{message}.",
        evidence={
            "metric": worst.metric,
            "column": worst.column,
            "slice": worst.value,
            "expected": worst.reference,
            "found": worst.current,
            "slices": [asdict(part) | {"coverage": part.coverage} for part in lost],
            "judged": sum(part.gain is not None for part in comparison.slices),
        },
    )


SLICE_PERFORMANCE = Alarm(kind=AlertKind.SLICE_PERFORMANCE, judged=_judged, find=_find)
