"""Odd rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.monitoring.exposition.metric import Family, of_report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.monitoring.exposition.fact import ReportFacts
    from millwright.monitoring.exposition.metric import Figure

SHARE = of_report("anomalous_rows_ratio", "Share of the window's rows that are unlike the reference's, 0 to 1.")
EXPECTED = of_report("anomalous_rows_expected_ratio", "The same share of rows of the reference.")
LIMIT = of_report("anomalous_rows_limit_ratio", "The share that is tolerated.")
RISEN = of_report("anomalous_rows_risen", "1 when the share is beyond that, and the test agrees, else 0.")


def _read(facts: ReportFacts) -> Iterator[Figure]:
    yield SHARE, (), facts.number("anomalies", "share")
    yield EXPECTED, (), facts.number("anomalies", "expected")
    yield LIMIT, (), facts.number("anomalies", "limit")
    yield RISEN, (), facts.number("anomalies", "risen")


ANOMALIES = Family(
    name="anomalies",
    about="Rows that are unlike those of the reference.",
    metrics=(SHARE, EXPECTED, LIMIT, RISEN),
    read=_read,
)
