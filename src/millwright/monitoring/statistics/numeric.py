"""A numeric column of two samples, each sorted once.

Notation: n and m are the reference's and the current window's numbers of present values; F and G their empirical
distribution functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from millwright.monitoring.statistics.column import Bins, ColumnKind, CountArray, FloatArray

if TYPE_CHECKING:
    import polars as pl

DEFAULT_BINS = 10  # deciles: the convention that the PSI's customary limits (0.1, 0.2) were made for


@dataclass(frozen=True, slots=True, eq=False)
class Merged:
    """Both samples on one axis.

    Attributes:
        values: All present values in order, float64 of shape (n + m,).
        gap: F - G just behind each value, float64 of shape (n + m,); among equal values only the last one's counts.
    """

    values: FloatArray
    gap: FloatArray


class NumericColumn:
    """Two samples of numbers.

    NaN and infinities count as missing, like nulls: a request cannot carry them, and a model cannot use them.

    Args:
        reference: Any numeric series, any order.
        current: The same for the current window.
        bins: Into how many cells of equal share the reference is cut, ≥ 2.
    """

    kind = ColumnKind.NUMERIC

    def __init__(self, reference: pl.Series, current: pl.Series, *, bins: int = DEFAULT_BINS) -> None:
        self.reference, self.reference_missing = _sorted(reference)  # float64 (n,)
        self.current, self.current_missing = _sorted(current)  # float64 (m,)
        self._bins = bins

    @cached_property
    def bins(self) -> Bins:
        """Cells between the reference's quantiles, the outer ones open-ended, and one cell for missing values.

        A value that holds at least one cell's share of the reference (a zero in a zero-heavy column, a small integer)
        gets a cell of its own, so that mass moving off it is seen on both sides.
        """
        cuts = _cuts(self.reference, self._bins)
        labels = (*_labels(cuts), "<missing>")
        return Bins(
            labels,
            _count(self.reference, cuts, self.reference_missing),
            _count(self.current, cuts, self.current_missing),
        )

    @property
    def test_counts(self) -> tuple[CountArray, CountArray]:
        """The counts of `bins`: none of its cells is empty in the reference by definition."""
        return self.bins.reference, self.bins.current

    @cached_property
    def merged(self) -> Merged:
        """Both samples merged in one linear pass; the same merge serves every statistic on distribution functions.

        Empty when either sample has no present value.
        """
        n, m = self.reference.size, self.current.size
        if n == 0 or m == 0:
            return Merged(np.empty(0), np.empty(0))
        positions = np.searchsorted(self.reference, self.current, side="right") + np.arange(m)  # of current, (m,)
        is_current = np.zeros(n + m, dtype=bool)
        is_current[positions] = True
        values = np.empty(n + m)
        values[is_current] = self.current
        values[~is_current] = self.reference
        below = np.cumsum(is_current)  # current values up to here, int64 (n + m,)
        gap = (np.arange(1, n + m + 1) - below) / n - below / m
        return Merged(values, gap)

    @cached_property
    def scale(self) -> float:
        """Standard deviation of the reference's present values (divisor n); 0 for a constant or an empty one."""
        with np.errstate(over="ignore", invalid="ignore"):
            return float(self.reference.std()) if self.reference.size else 0.0


@dataclass(frozen=True, slots=True)
class _Cut:
    """A border between two cells; a value equal to it lies left of it when `closed`."""

    at: float
    closed: bool


def _sorted(series: pl.Series) -> tuple[FloatArray, int]:
    import polars as pl

    values = series.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    present = values[np.isfinite(values)]
    present.sort()
    return present, int(values.size - present.size)


def _cuts(ordered: FloatArray, bins: int) -> list[_Cut]:
    """Borders of the cells, in order; none for an empty reference."""
    n = ordered.size
    if n == 0:
        return []
    ranks = np.arange(1, bins) * n // bins  # an observed value each, so that ties are met exactly
    cuts: list[_Cut] = []
    for edge in np.unique(ordered[ranks]):
        low, high = np.searchsorted(ordered, [edge, edge], side="left")[0], np.searchsorted(ordered, edge, side="right")
        if (high - low) * bins >= n:
            cuts.append(_Cut(float(edge), closed=False))
        cuts.append(_Cut(float(edge), closed=True))
    return cuts


def _count(ordered: FloatArray, cuts: list[_Cut], missing: int) -> CountArray:
    borders = [int(np.searchsorted(ordered, cut.at, side="right" if cut.closed else "left")) for cut in cuts]
    return np.append(np.diff([0, *borders, ordered.size]), missing).astype(np.int64)


def _labels(cuts: list[_Cut]) -> list[str]:
    if not cuts:
        return ["<any value>"]
    first, last = cuts[0], cuts[-1]
    labels = [f"{'≤' if first.closed else '<'} {first.at:.6g}"]
    for low, high in pairwise(cuts):
        if low.at == high.at:
            labels.append(f"= {low.at:.6g}")
        else:
            labels.append(f"{'(' if low.closed else '['}{low.at:.6g}, {high.at:.6g}{']' if high.closed else ')'}")
    return [*labels, f"> {last.at:.6g}"]
