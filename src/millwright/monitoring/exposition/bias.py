"""Bias: the measures of declared groups, and the gaps between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.monitoring.exposition.fact import number, text, value
from millwright.monitoring.exposition.metric import Family, of_report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from millwright.monitoring.exposition.fact import ReportFacts
    from millwright.monitoring.exposition.metric import Figure

_GROUP = ("column", "group", "measure")
_GAP = ("column", "measure")

GROUP_VALUE = of_report("group_value", "A measure of one group, such as its selection rate.", *_GROUP)
GROUP_REFERENCE = of_report("group_reference_value", "The same of the reference.", *_GROUP)
GROUP_ROWS = of_report("group_rows", "Rows of the window that it is the mean of.", *_GROUP)
GAP = of_report("bias_gap", "The largest difference between two groups of a column.", *_GAP)
REFERENCE_GAP = of_report("bias_reference_gap", "The same of the reference.", *_GAP)
GROWTH = of_report("bias_gap_growth", "By how much the difference grew of the pair that grew most.", *_GAP)
GROWTH_LOW = of_report("bias_gap_growth_low", "The lower end of its interval.", *_GAP)
GROWTH_HIGH = of_report("bias_gap_growth_high", "The upper end of its interval.", *_GAP)
GROWTH_LIMIT = of_report("bias_gap_growth_limit", "The growth that is tolerated.", *_GAP)
GROWN = of_report("bias_gap_grown", "1 for a gap whose whole interval of growth is beyond that, else 0.", *_GAP)
EQUALIZED_ODDS = of_report(
    "bias_equalized_odds", "The larger gap of true and false positive rate between groups.", "column"
)


def _read(facts: ReportFacts) -> Iterator[Figure]:
    for bias in facts.rows("bias"):
        column = text(bias, "column")
        for gap in value(bias, "gaps") or ():
            yield from _gap((column, text(gap, "measure")), gap)
        yield EQUALIZED_ODDS, (column,), number(bias, "equalized_odds")
        for rate in sorted(value(bias, "groups") or (), key=_weight):
            group = (column, text(rate, "group"), text(rate, "measure"))
            yield GROUP_VALUE, group, number(rate, "value")
            yield GROUP_ROWS, group, number(rate, "rows")
        for rate in sorted(value(bias, "reference") or (), key=_weight):
            yield GROUP_REFERENCE, (column, text(rate, "group"), text(rate, "measure")), number(rate, "value")


def _gap(labels: tuple[str, str], gap: Mapping[str, Any]) -> Iterator[Figure]:
    yield GAP, labels, number(gap, "gap")
    yield REFERENCE_GAP, labels, number(gap, "reference")
    yield GROWTH, labels, number(gap, "growth")
    yield GROWTH_LOW, labels, number(gap, "interval", 0)
    yield GROWTH_HIGH, labels, number(gap, "interval", 1)
    yield GROWTH_LIMIT, labels, number(gap, "limit")
    yield GROWN, labels, number(gap, "grown")


def _weight(rate: Mapping[str, Any]) -> float:
    return -(number(rate, "rows") or 0.0)


BIAS = Family(
    name="bias",
    about="Declared groups and the gaps between them; the largest groups first.",
    metrics=(
        GROUP_VALUE, GROUP_REFERENCE, GROUP_ROWS, GAP, REFERENCE_GAP, GROWTH, GROWTH_LOW, GROWTH_HIGH, GROWTH_LIMIT,
        GROWN, EQUALIZED_ODDS,
    ),
    read=_read,
)  # fmt: skip
