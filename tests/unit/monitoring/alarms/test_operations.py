from __future__ import annotations

from dataclasses import replace
from typing import Any

from millwright.core.records.monitor import Severity
from millwright.monitoring.alarms import find_alarms, judged_kinds
from millwright.monitoring.finding import AlertKind
from millwright.monitoring.operations import Operations, RefusedValues, ServedCounts
from millwright.monitoring.operations.measure import Limit
from millwright.monitoring.settings import MonitorSettings


def operations(*limits: Limit) -> Operations:
    return Operations(requests=500, rows=500, seconds=60.0, latency_ms={"p95": 120.0}, limits=limits)


def test_operations_name_the_limits_that_are_broken(comparison: Any):
    slow = Limit(name="p95_ms", limit=50.0, found=120.0, broken=True)
    fine = Limit(name="p99_ms", limit=500.0, found=130.0, broken=False)
    (found,) = find_alarms(comparison(operations=operations(slow, fine)), MonitorSettings())
    assert (found.kind, found.severity) == (AlertKind.OPERATIONS, Severity.WARNING)
    assert found.message == "Over 500 requests, p95_ms is 120, limit 50."
    assert found.evidence["limits"] == [
        {"name": "p95_ms", "limit": 50.0, "expected": 50.0, "found": 120.0, "broken": True}
    ]


def test_operations_warn_of_refused_requests(comparison: Any):
    refused = Limit(name="refused_share", limit=0.05, found=0.5, broken=True)
    (found,) = find_alarms(comparison(operations=operations(refused)), MonitorSettings())
    assert (found.severity, found.message) == (
        Severity.WARNING,
        "Over 500 requests, refused_share is 0.5, limit 0.05.",
    )


def test_refused_requests_are_told_with_the_columns_whose_values_were_refused(comparison: Any):
    values = RefusedValues(column="load", expected="a finite number", found="text", requests=250)
    served = ServedCounts(requests=500, errors=0, refused=250, refused_values=(values,))
    refused = Limit(name="refused_share", limit=0.05, found=0.5, broken=True)
    (found,) = find_alarms(comparison(operations=replace(operations(refused), served=served)), MonitorSettings())
    assert found.message == (
        "Over 500 requests, refused_share is 0.5, limit 0.05. "
        "Refused for: load: expected a finite number, found text (250 requests)."
    )


def test_operations_are_critical_when_requests_fail(comparison: Any):
    errors = Limit(name="error_share", limit=0.01, found=0.2, broken=True)
    assert find_alarms(comparison(operations=operations(errors)), MonitorSettings())[0].severity is Severity.CRITICAL


def test_operations_are_not_judged_where_nothing_was_measured(comparison: Any):
    unknown = comparison(operations=operations(Limit(name="p95_ms", limit=50.0, found=None, broken=False)))
    assert find_alarms(unknown, MonitorSettings()) == []
    assert AlertKind.OPERATIONS not in judged_kinds(unknown, MonitorSettings())
