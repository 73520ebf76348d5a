from __future__ import annotations

from dataclasses import replace
from typing import Any

from millwright.core.ids import PredictionId
from millwright.monitoring.alarms import find_alarms, judged_kinds
from millwright.monitoring.anomaly import OddFeature, OddRow, RowAnomalies
from millwright.monitoring.finding import AlertKind
from millwright.monitoring.insight import Insights
from millwright.monitoring.settings import MonitorSettings


def odd(*, risen: bool) -> Insights:
    rows = tuple(OddRow(PredictionId(f"p{n}"), 2.0, (OddFeature("days", 0.4),)) for n in range(3))
    found = RowAnomalies(
        share=0.12, expected=0.01, limit=0.05, p_value=1e-9, risen=risen, method="tails", rows=(500, 100), examples=rows
    )
    return Insights(anomalies=found)


def test_anomalies_name_the_share_the_feature_and_the_rows(comparison: Any):
    (found,) = find_alarms(comparison(insights=odd(risen=True)), MonitorSettings())
    assert found.kind is AlertKind.ANOMALIES
    assert found.message == "Of 100 rows, 12% are unlike the reference's, most for days; at most 5% should be."
    assert found.evidence["ids"] == ["p0", "p1", "p2"]
    assert (found.evidence["expected"], found.evidence["found"]) == (0.01, 0.12)


def test_share_that_is_just_above_the_limit_is_told_apart_from_it(comparison: Any):
    insights = odd(risen=True)
    just = replace(insights, anomalies=replace(insights.anomalies, share=0.054))
    (found,) = find_alarms(comparison(insights=just), MonitorSettings())
    assert found.message.startswith("Of 100 rows, 5.4% are unlike the reference's")


def test_anomalies_are_silent_when_few_rows_are_odd(comparison: Any):
    assert find_alarms(comparison(insights=odd(risen=False)), MonitorSettings()) == []


def test_anomalies_are_not_told_beside_the_drift_that_they_are(comparison: Any, drift: Any):
    drifted = comparison(drift("a", 0.5), insights=odd(risen=True))
    assert [found.kind for found in find_alarms(drifted, MonitorSettings())] == [AlertKind.DRIFT]
    assert AlertKind.ANOMALIES not in judged_kinds(drifted, MonitorSettings())


def test_anomalies_are_not_judged_where_they_were_not_looked_for(comparison: Any):
    assert AlertKind.ANOMALIES not in judged_kinds(comparison(), MonitorSettings())
