"""Data quality but for missing values: what each check measured, and how many of its measures are worth an alert."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from millwright.monitoring.exposition.fact import number, text, value
from millwright.monitoring.exposition.metric import Family, of_report
from millwright.monitoring.finding import AlertKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from millwright.monitoring.exposition.fact import ReportFacts
    from millwright.monitoring.exposition.metric import Figure

_HOUR_S = 3600.0

FINDINGS = of_report(
    "quality_findings",
    "What a check of data quality found worth an alert; none for a check that could not judge.",
    "check",
)
TYPE_CHANGE = of_report(
    "type_change_ratio", "Share of a column's values that are of another type; `what` is type or fractions.",
    "column", "what",
)  # fmt: skip
OUT_OF_RANGE = of_report(
    "out_of_range_ratio", "Share of a column's values beyond the reference's range; `end` is below or above.",
    "column", "end",
)  # fmt: skip
RANGE_LIMIT = of_report("range_limit", "The value beyond which they are.", "column", "end")
NEW_CATEGORY = of_report("new_category_ratio", "Share of a column's values that the reference does not have.", "column")
NEW_CATEGORY_EXPECTED = of_report("new_category_expected_ratio", "The share that is expected by chance.", "column")
SCHEMA_CHANGES = of_report("schema_changes", "Columns that appeared or vanished.", "change")
DUPLICATE = of_report("duplicate_ratio", "Share of rows or keys that repeat an earlier one.", "of")
DUPLICATE_REFERENCE = of_report("duplicate_reference_ratio", "The same among as many rows of the reference.", "of")
VOLUME = of_report("volume_rows_per_second", "Rows a second over the whole hours of the window.")
VOLUME_LOW = of_report("volume_low_limit_rows_per_second", "The fewest that are tolerated, if that is set.")
VOLUME_HIGH = of_report("volume_high_limit_rows_per_second", "The most that are tolerated, if that is set.")
UNUSUAL_HOURS = of_report("unusual_hours", "Hours with more or fewer rows than usual at that hour of the week.")
NEWEST = of_report(
    "newest_timestamp_seconds", "When the newest row or label came, as the check knew it, in seconds since 1970.", "of"
)
AGE_LIMIT = of_report("age_limit_seconds", "How old the newest row or label may be, if that is set.", "of")


def _read(facts: ReportFacts) -> Iterator[Figure]:
    for result in facts.rows("quality"):
        check, measures = text(result, "check"), value(result, "measures") or ()
        if value(result, "judged"):
            broken = sum(1 for each in measures if value(each, "judged") and value(each, "broken"))
            yield FINDINGS, (check,), float(broken)
        if check in _READERS:
            yield from _READERS[check](facts, sorted(measures, key=_weight))


def _weight(measure: Mapping[str, Any]) -> tuple[bool, float]:
    found = number(measure, "found") or number(measure, "found", "share") or number(measure, "details", "share")
    return not value(measure, "broken"), -(found or 0.0)


def _types(_facts: ReportFacts, measures: Sequence[Mapping[str, Any]]) -> Iterator[Figure]:
    for each in measures:
        what = text(each, "what")
        share = number(each, "found") if what == "fractions" else number(each, "details", "share")
        yield TYPE_CHANGE, (text(each, "column"), what), share


def _ranges(_facts: ReportFacts, measures: Sequence[Mapping[str, Any]]) -> Iterator[Figure]:
    for each in measures:
        labels = (text(each, "column"), text(each, "what"))
        yield OUT_OF_RANGE, labels, number(each, "found", "share")
        yield RANGE_LIMIT, labels, number(each, "expected", "limit")


def _categories(_facts: ReportFacts, measures: Sequence[Mapping[str, Any]]) -> Iterator[Figure]:
    for each in measures:
        column = (text(each, "column"),)
        yield NEW_CATEGORY, column, number(each, "found")
        yield NEW_CATEGORY_EXPECTED, column, number(each, "expected")


def _schema(_facts: ReportFacts, measures: Sequence[Mapping[str, Any]]) -> Iterator[Figure]:
    changes = Counter(text(each, "what") for each in measures)
    for change in ("appeared", "vanished"):
        yield SCHEMA_CHANGES, (change,), float(changes[change])


def _duplicates(_facts: ReportFacts, measures: Sequence[Mapping[str, Any]]) -> Iterator[Figure]:
    for each in measures:
        what = text(each, "what")
        yield DUPLICATE, (what,), number(each, "found")
        if what == "rows":  # of keys a tolerated share is expected, and the reference's is not known
            yield DUPLICATE_REFERENCE, (what,), number(each, "expected")


def _volume(_facts: ReportFacts, measures: Sequence[Mapping[str, Any]]) -> Iterator[Figure]:
    for each in measures:
        if text(each, "what") == "usual_hours":
            yield UNUSUAL_HOURS, (), float(len(value(each, "found") or ()))
            continue
        places = ((VOLUME, ("found",)), (VOLUME_LOW, ("expected", "min")), (VOLUME_HIGH, ("expected", "max")))
        for metric, path in places:
            hourly = number(each, *path)
            yield metric, (), None if hourly is None else hourly / _HOUR_S


def _freshness(facts: ReportFacts, measures: Sequence[Mapping[str, Any]]) -> Iterator[Figure]:
    for each in measures:
        of = text(each, "what").removeprefix("newest_").removesuffix("_age_s")
        age = number(each, "found")
        yield NEWEST, (of,), None if age is None else facts.record.created_at.timestamp() - age
        yield AGE_LIMIT, (of,), number(each, "expected")


_READERS: Mapping[str, Callable[[ReportFacts, Sequence[Mapping[str, Any]]], Iterator[Figure]]] = {
    AlertKind.TYPE_CHANGE: _types,
    AlertKind.OUT_OF_RANGE: _ranges,
    AlertKind.NEW_CATEGORIES: _categories,
    AlertKind.SCHEMA_CHANGE: _schema,
    AlertKind.DUPLICATES: _duplicates,
    AlertKind.VOLUME: _volume,
    AlertKind.FRESHNESS: _freshness,
}

QUALITY = Family(
    name="quality",
    about="Data quality, check by check; columns that are worth an alert first, then by share.",
    metrics=(
        FINDINGS, TYPE_CHANGE, OUT_OF_RANGE, RANGE_LIMIT, NEW_CATEGORY, NEW_CATEGORY_EXPECTED, SCHEMA_CHANGES,
        DUPLICATE, DUPLICATE_REFERENCE, VOLUME, VOLUME_LOW, VOLUME_HIGH, UNUSUAL_HOURS, NEWEST, AGE_LIMIT,
    ),
    read=_read,
)  # fmt: skip
