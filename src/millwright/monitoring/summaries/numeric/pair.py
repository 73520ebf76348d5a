"""The summaries of two samples of numbers, for the statistics."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from millwright.monitoring.statistics.column import Bins
from millwright.monitoring.statistics.cut import Cut, cell_labels
from millwright.monitoring.statistics.numeric import DEFAULT_BINS
from millwright.monitoring.statistics.numeric_pair import NumericPair

if TYPE_CHECKING:
    from millwright.monitoring.statistics.column import FloatArray
    from millwright.monitoring.summaries.numeric.summary import NumericSummary


class NumericSummaryPair(NumericPair):
    """The summaries of the reference and of a window.

    What follows from counts at borders (PSI and its like for bins that divide 500, the share of missing values) is
    exact. The largest gap is that at the borders, and `gap_error` bounds what it may be off by; the area is exact but
    for cells in which the two distribution functions cross, where it is too small.

    Args:
        borders: Of the cells of both.
        scale: The standard deviation of the reference.
        reference: Of the reference.
        current: Of the window.
        bins: Into how many cells of equal share the reference is cut, ≥ 2.
    """

    def __init__(
        self,
        borders: FloatArray,
        scale: float,
        reference: NumericSummary,
        current: NumericSummary,
        *,
        bins: int = DEFAULT_BINS,
    ) -> None:
        self._borders, self._scale = borders, scale
        self.reference, self.current = reference, current
        self._bins = bins

    @cached_property
    def bins(self) -> Bins:
        """See `NumericPair.bins`; for a number of bins that does not divide 500, cut at the next border."""
        cuts = self._cuts()
        # Border i lies behind cell 2i, or behind cell 2i + 1 when what is equal to it lies left of it.
        ends = [2 * int(np.searchsorted(self._borders, cut.at)) + (2 if cut.closed else 1) for cut in cuts]
        counted = []
        for side in (self.reference, self.current):
            below = np.append(0, np.cumsum(side.counts))
            counted.append(np.append(np.diff(below[[0, *ends, -1]]), side.missing).astype(np.int64))
        return Bins((*cell_labels(cuts), "<missing>"), counted[0], counted[1])

    @property
    def rows(self) -> tuple[int, int]:
        """See `NumericPair.rows`."""
        return self.reference.rows, self.current.rows

    @property
    def missing(self) -> tuple[int, int]:
        """See `NumericPair.missing`."""
        return self.reference.missing, self.current.missing

    @property
    def largest_gap(self) -> float:
        """See `NumericPair.largest_gap`; too small by at most `gap_error`."""
        return float(np.abs(self._gaps).max()) if all(self.rows) else float("nan")

    @property
    def gap_error(self) -> float:
        """By how much `largest_gap` is too small at most, 0 to 1; 0 for a column of at most 500 values.

        Between two borders each function rises by its share of that cell, so that |F - G| exceeds what it is at them by
        the larger share at most.
        """
        if not all(self.rows):
            return float("nan")
        between = slice(0, None, 2)
        start, end = np.abs(np.append(0.0, self._gaps[:-1])), np.abs(self._gaps)
        most = np.minimum(start, end) + np.maximum(self._shares[0], self._shares[1])
        return float(max(0.0, most[between].max() - self.largest_gap))

    @cached_property
    def area(self) -> float:
        """See `NumericPair.area`; too small where the functions cross between two borders."""
        if not all(self.rows):
            return float("nan")
        low = min(self.reference.lowest, self.current.lowest)
        high = max(self.reference.highest, self.current.highest)
        with np.errstate(over="ignore", invalid="ignore"):
            edges = np.clip(np.concatenate([[low], self._borders, [high]]), low, high)
            starts, ends = edges[:-1], edges[1:]  # of the cells between borders
            before = np.append(0.0, self._gaps[:-1])[::2]
            # A function that starts at F and rises at x₁, x₂, … has the area F · width + Σ (end - xᵢ) / n.
            inside = [
                (side.counts[::2] * ends - side.sums[::2]) / rows
                for side, rows in zip((self.reference, self.current), self.rows, strict=True)
            ]
            return float(np.sum(np.abs(before * (ends - starts) + inside[0] - inside[1])))

    @property
    def scale(self) -> float:
        """See `NumericPair.scale`."""
        return self._scale

    @cached_property
    def _shares(self) -> tuple[FloatArray, FloatArray]:
        n, m = self.rows
        return self.reference.counts / float(n), self.current.counts / float(m)

    @cached_property
    def _gaps(self) -> FloatArray:
        """F - G behind each cell, float64 of shape (c,)."""
        n, m = self.rows
        gaps: FloatArray = np.cumsum(self.reference.counts) / float(n) - np.cumsum(self.current.counts) / float(m)
        return gaps

    def _cuts(self) -> list[Cut]:
        n, borders = self.reference.rows, self._borders
        if n == 0 or not borders.size:
            return []
        ranks = np.arange(1, self._bins) * n // self._bins
        # The first border with more rows up to it than the rank says: the value at that rank, where there is a border.
        up_to = np.cumsum(self.reference.counts)[1::2]
        places = np.unique(np.minimum(np.searchsorted(up_to, ranks, side="right"), borders.size - 1))
        cuts: list[Cut] = []
        for place in places.tolist():
            if int(self.reference.counts[2 * place + 1]) * self._bins >= n:
                cuts.append(Cut(float(borders[place]), closed=False))
            cuts.append(Cut(float(borders[place]), closed=True))
        return cuts
