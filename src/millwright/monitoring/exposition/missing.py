"""Missing values of each column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.monitoring.exposition.fact import number, text
from millwright.monitoring.exposition.metric import Family, of_report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from millwright.monitoring.exposition.fact import ReportFacts
    from millwright.monitoring.exposition.metric import Figure

SHARE = of_report("missing_ratio", "Share of the window's rows without a value, 0 to 1.", "column")
REFERENCE = of_report("missing_reference_ratio", "The same of the reference.", "column")
RISEN = of_report("missing_risen", "1 for a column whose share rose beyond the limit, else 0.", "column")
LIMIT = of_report("missing_rise_limit_ratio", "Tolerated rise of the share, 0 to 1.")


def _read(facts: ReportFacts) -> Iterator[Figure]:
    for share in sorted(facts.rows("missing"), key=_weight):
        column = (text(share, "column"),)
        yield SHARE, column, number(share, "current")
        yield REFERENCE, column, number(share, "reference")
        yield RISEN, column, number(share, "risen")
    yield LIMIT, (), facts.number("settings", "missing", "max_rise")


def _weight(share: Mapping[str, object]) -> tuple[bool, float]:
    rise = (number(share, "current") or 0.0) - (number(share, "reference") or 0.0)
    return not number(share, "risen"), -rise


MISSING = Family(
    name="missing",
    about="Missing values of each column; the largest rise first.",
    metrics=(SHARE, REFERENCE, RISEN, LIMIT),
    read=_read,
)
