from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from millwright.monitoring.exposition import check
from millwright.monitoring.exposition.fact import ReportFacts
from millwright.monitoring.seasonal import SeasonalReference


def test_window_version_and_moments_are_those_of_the_report(told: Any):
    found = told(check.CHECK)
    begun = datetime(2026, 1, 15, 12, tzinfo=UTC).timestamp()
    assert found[check.START, ()] == begun
    assert begun < found[check.END, ()] < begun + 1
    assert found[check.CHECKED, ()] == begun + 2.5 * 3600
    assert (found[check.ROWS, ()], found[check.COVERAGE, ()]) == (600.0, 1.0)
    assert found[check.MODEL, ("delay", "1")] == 1.0


def test_findings_are_counted_by_kind_and_severity(told: Any, facts: Any):
    found = told(check.CHECK)
    assert found[check.FINDINGS, ("drift", "warning")] == 1.0
    assert found[check.FINDINGS, ("performance", "critical")] == 1.0
    assert sum(value for (metric, _), value in found.items() if metric is check.FINDINGS) == len(
        facts.document["findings"]
    )


def test_season_and_rows_of_other_versions_are_told_where_there_are_any(told: Any, facts: Any):
    season = SeasonalReference(name="hour of the week", source="log", periods=4, rows=800)
    window = {"start": "", "end": "", "left_out": {"delay@2": 12}}
    other = ReportFacts(record=facts.record, document={"season": season.to_json(), "window": window})
    found = told(check.CHECK, other)
    assert found[check.SEASON_ROWS, ("hour of the week",)] == 800.0
    assert found[check.SEASON_PERIODS, ("hour of the week",)] == 4.0
    assert found[check.LEFT_OUT, ("delay@2",)] == 12.0
    assert not {check.SEASON_ROWS, check.LEFT_OUT} & {metric for metric, _ in told(check.CHECK)}
