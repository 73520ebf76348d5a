"""A loss that labels are expected to show, as long as too few of them are there to show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.records.monitor import Severity
from millwright.evaluation.metrics.catalog import get_metric
from millwright.evaluation.wording import counted
from millwright.monitoring.alarms.alarm import Alarm
from millwright.monitoring.finding import AlertKind, Finding

if TYPE_CHECKING:
    from millwright.monitoring.comparison import Comparison
    from millwright.monitoring.settings import MonitorSettings


def _judged(comparison: Comparison, settings: MonitorSettings) -> bool:
    performance = comparison.performance
    return (
        comparison.rows >= settings.min_rows
        and comparison.estimated is not None
        and performance is not None
        and performance.labelled_rows < settings.performance.min_labels
    )


def _find(comparison: Comparison, settings: MonitorSettings) -> Finding | None:
    estimate, performance = comparison.estimated, comparison.performance
    if estimate is None or performance is None:
        return None
    name = performance.metric
    now, then, interval = estimate.metrics.get(name), performance.reference.get(name), estimate.intervals.get(name)
    if now is None or then is None or interval is None:
        return None
    metric = get_metric(name)
    gain, limit = metric.gain(now, then), settings.performance.limit(metric, then)
    if gain >= -limit or max(metric.gain(end, then) for end in interval) >= 0:
        return None
    return Finding(
        kind=AlertKind.ESTIMATED_PERFORMANCE,
        severity=Severity.WARNING,
        message=f"Over {counted(comparison.rows, 'row')}, {name} is estimated at {now:.4g}; "
        f"{comparison.reference_time} it was {then:.4g}.",
        evidence={
            "metric": name,
            "estimate": now,
            "interval": interval,
            "reference": then,
            "limit": limit,
            "method": estimate.method,
        },
    )


ESTIMATED_PERFORMANCE = Alarm(kind=AlertKind.ESTIMATED_PERFORMANCE, judged=_judged, find=_find)
