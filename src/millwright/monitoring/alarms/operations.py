"""Latency, errors, throughput or cost lie beyond the limits that are set."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from millwright.core.records.monitor import Severity
from millwright.evaluation.wording import counted
from millwright.monitoring.alarms.alarm import Alarm
from millwright.monitoring.alarms.naming import named
from millwright.monitoring.finding import AlertKind, Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.monitoring.comparison import Comparison
    from millwright.monitoring.operations.measure import Limit, Operations
    from millwright.monitoring.settings import MonitorSettings


_SHOWN = 3  # kinds of refused values, in a message


def _judged(comparison: Comparison, settings: MonitorSettings) -> bool:
    del settings
    found = comparison.operations
    return found is not None and any(limit.found is not None for limit in found.limits)


def _find(comparison: Comparison, settings: MonitorSettings) -> Finding | None:
    del settings
    operations = comparison.operations
    broken = [limit for limit in operations.limits if limit.broken] if operations else []
    if operations is None or not broken:
        return None
    counted_by_server = operations.served.requests if operations.served is not None else 0
    requests = max(operations.requests, counted_by_server)
    shown = named([f"{limit.name} is {limit.found:.4g}, limit {limit.limit:.4g}" for limit in broken])
    return Finding(
        kind=AlertKind.OPERATIONS,
        severity=Severity.CRITICAL if any(limit.name == "error_share" for limit in broken) else Severity.WARNING,
        message=f"Over {counted(requests, 'request')}, {shown}.{_refused(operations, broken)}",
        evidence={
            "limits": [asdict(limit) | {"expected": limit.limit} for limit in broken],
            "requests": requests,
            "latency_ms": dict(operations.latency_ms),
        },
    )


def _refused(operations: Operations, broken: Sequence[Limit]) -> str:
    """What was refused most often, where too much was: a caller's types have changed, say."""
    values = operations.served.refused_values if operations.served is not None else ()
    if not values or all(limit.name != "refused_share" for limit in broken):
        return ""
    return f" Refused for: {'; '.join(each.text for each in values[:_SHOWN])}."


OPERATIONS = Alarm(kind=AlertKind.OPERATIONS, judged=_judged, find=_find)
