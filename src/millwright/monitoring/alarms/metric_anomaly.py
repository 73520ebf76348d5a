"""A metric is worse than trend and season of earlier checks would have it, while it may be within its limit."""

from __future__ import annotations

from dataclasses import asdict
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
    """Not with fewer labels than performance is judged by: it moves by chance then."""
    performance = comparison.performance
    enough = performance is not None and performance.labelled_rows >= settings.performance.min_labels
    return enough and comparison.past is not None


def _find(comparison: Comparison, settings: MonitorSettings) -> Finding | None:
    del settings
    past, performance = comparison.past, comparison.performance
    if past is None or performance is None or not past.is_odd or performance.degraded:
        return None
    if get_metric(performance.metric).gain(past.value, past.usual) >= 0:
        return None  # better than usual
    usual = f"about {past.usual:.4g}"
    if past.low is not None and past.high is not None:
        usual = f"from {past.low:.4g} to {past.high:.4g}"
    beside = f"{counted(past.checks, 'earlier check')}{', season included,' if past.seasonal else ''}"
    return Finding(
        kind=AlertKind.METRIC_ANOMALY,
        severity=Severity.WARNING,
        message=f"On {counted(performance.labelled_rows, 'labelled row')}, {performance.metric} is {past.value:.4g}; "
        f"by {beside} it would be {usual}.",
        evidence={"metric": performance.metric, "expected": past.usual, "found": past.value, **asdict(past)},
    )


METRIC_ANOMALY = Alarm(kind=AlertKind.METRIC_ANOMALY, judged=_judged, find=_find)
