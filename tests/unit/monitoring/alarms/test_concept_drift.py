from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from millwright.core.ids import PredictionId
from millwright.monitoring.alarms import find_alarms, judged_kinds
from millwright.monitoring.concept import ConceptDrift, ConceptReport, ErrorPoint
from millwright.monitoring.finding import AlertKind
from millwright.monitoring.insight import Insights
from millwright.monitoring.settings import MonitorSettings


def report(before: float, after: float, *, scale: float = 1.0, note: str = "") -> Insights:
    changed = ErrorPoint(value=1.0, at=datetime(2026, 1, 15, 12, tzinfo=UTC), prediction_id=PredictionId("p7"))
    drift = ConceptDrift(detected=changed, changed=changed, before=before, after=after)
    return Insights(concept=ConceptReport(detector="adwin", rows=200, drifts=(drift,), scale=scale, note=note))


def test_concept_drift_names_when_and_from_which_prediction_on_errors_rose(comparison: Any):
    (found,) = find_alarms(comparison(insights=report(0.1, 0.35)), MonitorSettings())
    assert found.kind is AlertKind.CONCEPT_DRIFT
    assert found.message == (
        "On 200 labelled rows, the mean error rose from 0.1 to 0.35 since 2026-01-15 12:00:00 (prediction p7, adwin)."
    )
    assert found.evidence["changed_id"] == "p7"


def test_concept_drift_tells_errors_of_numbers_in_their_unit(comparison: Any):
    (found,) = find_alarms(comparison(insights=report(0.1, 0.35, scale=1000.0)), MonitorSettings())
    assert (found.evidence["expected"], found.evidence["found"]) == (100.0, 350.0)


def test_concept_drift_is_silent_when_errors_fell(comparison: Any):
    assert find_alarms(comparison(insights=report(0.35, 0.1)), MonitorSettings()) == []


def test_concept_drift_is_not_judged_where_it_could_not_be_looked_for(comparison: Any):
    for insights in (Insights(), report(0.1, 0.2, note="Not installed.")):
        assert AlertKind.CONCEPT_DRIFT not in judged_kinds(comparison(insights=insights), MonitorSettings())
