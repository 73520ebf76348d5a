"""Whether the cause of an alert is gone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from millwright.core.errors import MillwrightError
from millwright.evaluation.metrics.catalog import get_metric

if TYPE_CHECKING:
    from millwright.core.records.monitor import AlertRecord, MonitorReportRecord


def is_over(alert: AlertRecord, report: MonitorReportRecord, *, resolve_limit: float) -> bool:
    """Whether a check that did not find an alert's cause shows that it is gone, and not only just below its limit.

    The columns that the alert's evidence names must score below `resolve_limit` times their thresholds, and its metric
    must have lost less than that share of what it may lose. A column or metric that the report does not tell of holds
    nothing back, and neither do alerts whose evidence names neither.

    Args:
        alert: An unresolved one.
        report: A check that could tell, and did not find it.
        resolve_limit: Share of the limit, above 0 and at most 1.
    """
    return not (_columns_linger(alert, report, resolve_limit) or _metric_lingers(alert, report, resolve_limit))


def _columns_linger(alert: AlertRecord, report: MonitorReportRecord, resolve_limit: float) -> bool:
    columns = alert.evidence.get("columns")
    if not isinstance(columns, Mapping):
        return False
    blamed = {name: seen for name, seen in columns.items() if isinstance(seen, Mapping)}
    return any(
        drift.column in blamed
        and blamed[drift.column].get("statistic") == drift.statistic
        and drift.scores.get(drift.statistic, 0.0) >= resolve_limit * drift.threshold
        for drift in report.drift
    )


def _metric_lingers(alert: AlertRecord, report: MonitorReportRecord, resolve_limit: float) -> bool:
    name, limit = alert.evidence.get("metric"), alert.evidence.get("limit")
    if not isinstance(name, str) or not isinstance(limit, int | float):
        return False
    now, then = report.performance.get(name), report.reference_performance.get(name)
    if now is None or then is None:
        return False
    try:
        metric = get_metric(name)
    except MillwrightError:  # of a plug-in that is no longer installed
        return False
    return bool(metric.gain(now, then) < -resolve_limit * limit)
