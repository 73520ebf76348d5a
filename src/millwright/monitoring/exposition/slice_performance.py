"""Performance of slices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.monitoring.exposition.fact import negated, number, text
from millwright.monitoring.exposition.metric import Family, of_report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from millwright.monitoring.exposition.fact import ReportFacts
    from millwright.monitoring.exposition.metric import Figure

_SLICE = ("column", "slice")

ROWS = of_report("slice_rows", "Rows of the window in a slice.", *_SLICE)
COVERAGE = of_report("slice_label_coverage_ratio", "Share of them whose label is known, 0 to 1.", *_SLICE)
VALUE = of_report("slice_performance", "The deciding metric of a slice.", *_SLICE, "metric")
LOW = of_report("slice_performance_low", "The lower end of its 95 % interval.", *_SLICE, "metric")
HIGH = of_report("slice_performance_high", "The upper end of its 95 % interval.", *_SLICE, "metric")
REFERENCE = of_report(
    "slice_reference_performance", "The metric on the reference's rows of the slice.", *_SLICE, "metric"
)
LOSS = of_report("slice_performance_loss", "By how much the slice is worse than there.", *_SLICE, "metric")
LOSS_LIMIT = of_report("slice_performance_loss_limit", "The loss that is tolerated.", *_SLICE, "metric")
LOST = of_report("slice_lost", "1 for a slice whose performance was lost, else 0.", *_SLICE)


def _read(facts: ReportFacts) -> Iterator[Figure]:
    for part in sorted(facts.rows("slices"), key=_weight):
        name = (text(part, "column"), text(part, "value"))
        measured = (*name, text(part, "metric"))
        yield ROWS, name, number(part, "rows")
        yield COVERAGE, name, number(part, "coverage")
        yield LOST, name, number(part, "lost")
        yield VALUE, measured, number(part, "current")
        yield LOW, measured, number(part, "interval", 0)
        yield HIGH, measured, number(part, "interval", 1)
        yield REFERENCE, measured, number(part, "reference")
        yield LOSS, measured, negated(number(part, "gain"))
        yield LOSS_LIMIT, measured, number(part, "limit")


def _weight(part: Mapping[str, Any]) -> tuple[bool, float]:
    return not number(part, "lost"), -(number(part, "rows") or 0.0)


SLICES = Family(
    name="slices",
    about="Performance of slices; lost ones first, then by rows.",
    metrics=(ROWS, COVERAGE, VALUE, LOW, HIGH, REFERENCE, LOSS, LOSS_LIMIT, LOST),
    read=_read,
)
