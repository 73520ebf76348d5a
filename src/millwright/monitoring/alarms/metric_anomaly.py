"""A metric is worse than trend and season of earlier checks would have it, while it may be within its limit."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from millwright.core.records.monitor import Severity
from millwright.evaluation.metrics.catalog import get_metric
from millwright.evaluation.wording import counted
from millwright.monitoring.alarms.alarm import Alarm
from millwright.monitoring.alarms.naming import named
from millwright.monitoring.finding import AlertKind, Finding

if TYPE_CHECKING:
    from millwright.monitoring.anomaly.metric import OddMetric
    from millwright.monitoring.comparison import Comparison
    from millwright.monitoring.settings import MonitorSettings


def _judged(comparison: Comparison, settings: MonitorSettings) -> bool:
    """Not with fewer labels than performance is judged by: it moves by chance then."""
    performance = comparison.performance
    enough = performance is not None and performance.labelled_rows >= settings.performance.min_labels
    return enough and (comparison.past is not None or bool(comparison.past_metrics))


def _find(comparison: Comparison, settings: MonitorSettings) -> Finding | None:
    del settings
    performance = comparison.performance
    if performance is None or performance.degraded:
        return None
    held = {performance.metric: comparison.past, **comparison.past_metrics}
    told = performance.broken  # beyond limits of their own
    worse = {name: past for name, past in held.items() if past and name not in told and _is_worse(name, past)}
    if not worse:
        return None
    name = max(worse, key=lambda each: abs(worse[each].score) / worse[each].limit)
    past = worse[name]
    others = [each for each in worse if each != name]
    also = f"; beyond theirs as well: {named(others)}" if others else ""
    usual = f"about {past.usual:.4g}"
    if past.low is not None and past.high is not None:
        usual = f"from {past.low:.4g} to {past.high:.4g}"
    beside = f"{counted(past.checks, 'earlier check')}{', season included,' if past.seasonal else ''}"
    return Finding(
        kind=AlertKind.METRIC_ANOMALY,
        severity=Severity.WARNING,
        message=f"On {counted(performance.labelled_rows, 'labelled row')}, {name} is {past.value:.4g}; "
        f"by {beside} it would be {usual}{also}.",
        evidence={"metric": name, "expected": past.usual, "found": past.value, **asdict(past), "others": others},
    )


def _is_worse(name: str, past: OddMetric) -> bool:
    return past.is_odd and get_metric(name).gain(past.value, past.usual) < 0


METRIC_ANOMALY = Alarm(kind=AlertKind.METRIC_ANOMALY, judged=_judged, find=_find)
