from __future__ import annotations

import json
from typing import Any

from millwright.core.records.monitor import Severity
from millwright.monitoring.alarms import find_alarms, judged_kinds
from millwright.monitoring.finding import AlertKind
from millwright.monitoring.quality import Measure, QualityResult
from millwright.monitoring.settings import MonitorSettings


def result(*measures: Measure, judged: bool = True) -> QualityResult:
    return QualityResult(kind=AlertKind.SCHEMA_CHANGE, judged=judged, measures=measures)


def measure(column: str, *, broken: bool = True, severity: Severity = Severity.WARNING) -> Measure:
    return Measure(
        column=column, what="vanished", expected=1.0, found="no value", broken=broken, message=f"{column} has vanished",
        severity=severity, examples=("id-1",),
    )  # fmt: skip


def test_quality_is_found_with_what_was_expected_and_found(comparison: Any):
    measures = measure("a", severity=Severity.INFO), measure("b"), measure("c", broken=False)
    (found,) = find_alarms(comparison(quality=(result(*measures),)), MonitorSettings())
    assert (found.kind, found.severity) == (AlertKind.SCHEMA_CHANGE, Severity.WARNING)
    assert found.message == "Over 100 rows, b has vanished, a has vanished."
    assert [(m["column"], m["expected"], m["found"]) for m in found.evidence["measures"]] == [
        ("b", 1.0, "no value"), ("a", 1.0, "no value"),
    ]  # fmt: skip
    assert json.loads(json.dumps(found.evidence))["measures"][0]["severity"] == "warning"


def test_quality_is_silent_when_nothing_is_broken_or_could_be_judged(comparison: Any):
    good = comparison(quality=(result(measure("a", broken=False)),))
    assert find_alarms(good, MonitorSettings()) == []
    assert AlertKind.SCHEMA_CHANGE in judged_kinds(good, MonitorSettings())
    unknown = comparison(quality=(result(measure("a"), judged=False),))
    assert find_alarms(unknown, MonitorSettings()) == []
    assert AlertKind.SCHEMA_CHANGE not in judged_kinds(unknown, MonitorSettings())


def test_quality_has_the_severity_of_the_settings(comparison: Any):
    settings = MonitorSettings(severities={"schema_change": Severity.CRITICAL})
    (found,) = find_alarms(comparison(quality=(result(measure("a")),)), settings)
    assert found.severity is Severity.CRITICAL
