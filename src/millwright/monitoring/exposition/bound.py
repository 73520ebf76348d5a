"""So many series, and no more: a model with ten thousand columns must not fill a Prometheus server."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from millwright.monitoring.exposition.metric import of_report

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from millwright.monitoring.exposition.fact import ReportFacts
    from millwright.monitoring.exposition.metric import Family, Metric, Sample

MOST = 200  # series of one metric and report
LETTERS = 120  # of a label's value: categories may be whole texts

LEFT_OUT = of_report(
    "series_left_out", f"Series of a family beyond the first {MOST} of each metric, which are not told.", "family"
)


def bounded(facts: ReportFacts, families: Iterable[Family], *, most: int = MOST) -> Iterator[Sample]:
    """The figures of a report.

    Args:
        facts: The report.
        families: Which figures.
        most: Of each metric the first so many are told: what matters most comes first.

    Yields:
        Each metric and labels once: a server that is told a series twice refuses all of them. What is not finite is
        left out, and long labels are cut. Last of each family, how many series were left out.
    """
    base = (facts.record.endpoint, facts.record.monitor)
    for family in families:
        told: Counter[Metric] = Counter()
        seen: set[tuple[Metric, tuple[str, ...]]] = set()
        left_out = 0
        for metric, own, value in family.read(facts):
            if value is None or not math.isfinite(value):
                continue
            key = (metric, tuple(map(_cut, own)))
            if key in seen or told[metric] >= most:
                left_out += 1
                continue
            seen.add(key)
            told[metric] += 1
            yield metric, (*base, *key[1]), value
        yield LEFT_OUT, (*base, family.name), float(left_out)


def _cut(label: str) -> str:
    return label if len(label) <= LETTERS else f"{label[: LETTERS - 1]}…"
