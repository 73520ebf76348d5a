"""Concept drift: changes of the errors within the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.monitoring.exposition.fact import moment, number, value
from millwright.monitoring.exposition.metric import Family, of_report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.monitoring.exposition.fact import ReportFacts
    from millwright.monitoring.exposition.metric import Figure

ROWS = of_report("concept_rows", "Labelled rows of the window whose errors the detector saw.")
DETECTIONS = of_report(
    "concept_detections", "Changes of the errors in the window; `direction` is worse or better.", "direction"
)
CHANGED = of_report("concept_changed_timestamp_seconds", "Since when, for the last of them, in seconds since 1970.")
DETECTED = of_report("concept_detected_timestamp_seconds", "When the last of them was sure, in seconds since 1970.")
BEFORE = of_report("concept_error_before", "Mean error before the last of them; of numbers a share of the usual error.")
AFTER = of_report("concept_error_after", "Mean error after it, likewise.")


def _read(facts: ReportFacts) -> Iterator[Figure]:
    if not facts.fields("concept"):
        return
    drifts = facts.rows("concept", "drifts")
    worse = sum(1 for each in drifts if value(each, "worse"))
    yield ROWS, (), facts.number("concept", "rows")
    yield DETECTIONS, ("worse",), float(worse)
    yield DETECTIONS, ("better",), float(len(drifts) - worse)
    if drifts:
        last = drifts[-1]  # the oldest stands first
        yield CHANGED, (), moment(last, "changed_at")
        yield DETECTED, (), moment(last, "detected_at")
        yield BEFORE, (), number(last, "before")
        yield AFTER, (), number(last, "after")


CONCEPT = Family(
    name="concept",
    about="Concept drift: changes of the errors within the window.",
    metrics=(ROWS, DETECTIONS, CHANGED, DETECTED, BEFORE, AFTER),
    read=_read,
)
