"""The check itself: when it was made, of which window and version, and what it found worth an alert."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from millwright.monitoring.exposition.fact import text
from millwright.monitoring.exposition.metric import Family, of_report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.monitoring.exposition.fact import ReportFacts
    from millwright.monitoring.exposition.metric import Figure

CHECKED = of_report("checked_timestamp_seconds", "When the newest report was made, in seconds since 1970.")
START = of_report("window_start_timestamp_seconds", "The first moment of its window, in seconds since 1970.")
END = of_report("window_end_timestamp_seconds", "The end of its window, in seconds since 1970.")
ROWS = of_report("rows", "Rows of the window of the newest report.")
LEFT_OUT = of_report(
    "left_out_rows", "Rows of the window that other versions answered, which were left out.", "version"
)
COVERAGE = of_report("label_coverage_ratio", "Share of the window's rows whose label is known, 0 to 1.")
MODEL = of_report("model_info", "1 for the version that answered in the window.", "model", "version")
FINDINGS = of_report("findings", "Findings of the newest report that are worth an alert.", "kind", "severity")
SEASON_ROWS = of_report(
    "season_rows", "Rows of the same part of the season that the window was held against.", "season"
)
SEASON_PERIODS = of_report("season_periods", "Periods that these rows are of.", "season")


def _read(facts: ReportFacts) -> Iterator[Figure]:
    record = facts.record
    yield CHECKED, (), record.created_at.timestamp()
    yield START, (), record.window_start.timestamp()
    yield END, (), record.window_end.timestamp()
    yield ROWS, (), float(record.rows)
    for version, rows in facts.fields("window", "left_out").items():
        yield LEFT_OUT, (version,), float(rows)
    yield COVERAGE, (), record.labelled_rows / record.rows if record.rows else 0.0
    yield MODEL, (record.model, str(record.version)), 1.0
    found = Counter((text(each, "kind"), text(each, "severity")) for each in facts.rows("findings"))
    for labels, count in sorted(found.items()):
        yield FINDINGS, labels, float(count)
    season = text(facts.document, "season", "part")
    if season:
        yield SEASON_ROWS, (season,), facts.number("season", "rows")
        yield SEASON_PERIODS, (season,), facts.number("season", "periods")


CHECK = Family(
    name="check",
    about="The newest check of each monitor: when, of what, and what it found.",
    metrics=(CHECKED, START, END, ROWS, LEFT_OUT, COVERAGE, MODEL, FINDINGS, SEASON_ROWS, SEASON_PERIODS),
    read=_read,
)
