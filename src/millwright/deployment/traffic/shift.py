"""Whether two arms predict alike: how far their predictions are apart, and whether chance would explain it."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING

from millwright.deployment.traffic.significance import fisher_greater, kolmogorov

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.deployment.traffic.tally import Tally

_BINS = 10
_POINTS = [number / 64 for number in range(1, 64)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Shift:
    """How two arms' predictions differ.

    Attributes:
        psi: Population stability index, less what chance alone gives on average; 0 or more.
        p_value: Of the two-sample test: Kolmogorov-Smirnov for numbers, Fisher's exact test of each class with
            Bonferroni's correction for classes.
        rows: Of the smaller sample.
    """

    psi: float
    p_value: float
    rows: int


def measure_shift(primary: Tally, other: Tally) -> Shift:
    """Compare what two arms predicted; no shift where either has predicted nothing."""
    if primary.sampled and other.sampled:
        return _numbers(primary, other)
    if primary.classes and other.classes:
        return _classes(primary.classes, other.classes)
    return Shift(psi=0.0, p_value=1.0, rows=0)


def population_stability_index(expected: Sequence[int], found: Sequence[int]) -> float:
    """PSI between counts per bin, less its mean under no shift, (bins - 1)(1/n + 1/m); at least 0.

    Half a count is added to each bin, so that an empty one does not make it infinite. Source of the mean: the index is
    asymptotically (1/n + 1/m) times a chi-square with bins - 1 degrees of freedom (Yurdakul, Western Michigan
    University, 2018).
    """
    bins = len(expected)
    first, second = sum(expected) + bins / 2, sum(found) + bins / 2
    index = 0.0
    for a, b in zip(expected, found, strict=True):
        p, q = (a + 0.5) / first, (b + 0.5) / second
        index += (q - p) * log(q / p)
    return max(0.0, index - (bins - 1) * (1 / max(sum(expected), 1) + 1 / max(sum(found), 1)))


def _numbers(primary: Tally, other: Tally) -> Shift:
    import numpy as np

    from millwright.data.profiles.sketch import bin_counts, is_estimate, quantiles, rank_error, span

    low = min(span(primary.numbers)[0], span(other.numbers)[0])  # type: ignore[index]
    high = max(span(primary.numbers)[1], span(other.numbers)[1])  # type: ignore[index]

    def counts(cuts: Sequence[float]) -> tuple[list[int], list[int]]:
        # A value that equals a cut counts as below it.
        inner = sorted({float(np.nextafter(cut, np.inf)) for cut in cuts if low <= cut < high})
        edges = np.array([low, *(edge for edge in inner if edge > low), np.nextafter(high, np.inf)])
        return bin_counts(primary.numbers, edges), bin_counts(other.numbers, edges)

    psi = population_stability_index(*counts(quantiles(primary.numbers, [n / _BINS for n in range(1, _BINS)])))
    first, second = counts([*quantiles(primary.numbers, _POINTS), *quantiles(other.numbers, _POINTS)])
    below = np.cumsum(first) / primary.sampled - np.cumsum(second) / other.sampled
    error = sum(rank_error() for each in (primary, other) if is_estimate(each.numbers))
    distance = max(0.0, float(np.abs(below).max()) - error)
    rows = min(primary.sampled, other.sampled)
    return Shift(psi=psi, p_value=kolmogorov(distance, primary.sampled, other.sampled), rows=rows)


def _classes(primary: dict[str, int], other: dict[str, int]) -> Shift:
    names = sorted(primary.keys() | other.keys())
    first, second = [primary.get(name, 0) for name in names], [other.get(name, 0) for name in names]
    rows, other_rows = sum(first), sum(second)
    smallest = min(
        min(fisher_greater(a, rows, b, other_rows), fisher_greater(b, other_rows, a, rows))
        for a, b in zip(first, second, strict=True)
    )
    return Shift(
        psi=population_stability_index(first, second),
        p_value=min(1.0, 2 * len(names) * smallest),
        rows=min(rows, other_rows),
    )
