from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from millwright.monitoring.exposition import concept
from millwright.monitoring.exposition.fact import ReportFacts

BEGUN = datetime(2026, 1, 15, 12, tzinfo=UTC).timestamp()


def test_changes_are_counted_by_direction_and_the_last_is_told(told: Any):
    found = told(concept.CONCEPT)
    assert found[concept.ROWS, ()] == 600.0
    assert found[concept.DETECTIONS, ("worse",)] == 1.0
    turned = BEGUN + 0.3  # a row a millisecond, and the later half turned
    assert abs(found[concept.CHANGED, ()] - turned) < 0.05
    assert found[concept.CHANGED, ()] <= found[concept.DETECTED, ()]
    assert found[concept.AFTER, ()] > found[concept.BEFORE, ()]


def test_no_change_is_told_as_none_and_no_watch_not_at_all(told: Any, facts: Any):
    quiet = {"concept": {**facts.document["concept"], "drifts": []}}
    found = told(concept.CONCEPT, ReportFacts(record=facts.record, document=quiet))
    assert (found[concept.DETECTIONS, ("worse",)], found[concept.DETECTIONS, ("better",)]) == (0.0, 0.0)
    assert (concept.CHANGED, ()) not in found
    assert told(concept.CONCEPT, ReportFacts(record=facts.record, document={"concept": None})) == {}
