"""A numeric column of two samples, each put in order as far as that matters.

Notation: n and m are the reference's and the current window's numbers of present values.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from millwright.monitoring.statistics.column import Bins, FloatArray
from millwright.monitoring.statistics.cut import Cut, cell_labels
from millwright.monitoring.statistics.numeric_pair import NumericPair
from millwright.monitoring.statistics.ordered import deviation
from millwright.monitoring.statistics.refined_pair import RefinedPair
from millwright.monitoring.statistics.sorted_pair import SortedPair

if TYPE_CHECKING:
    import polars as pl

DEFAULT_BINS = 10  # deciles: the convention that the PSI's customary limits (0.1, 0.2) were made for
_LARGE = 200_000  # values of both sides: fewer are sorted in less time than it takes to find out what can be left out


class NumericColumn(NumericPair):
    """Two samples of numbers.

    NaN and infinities count as missing, like nulls: a request cannot carry them, and a model cannot use them.

    Args:
        reference: Any numeric series, any order.
        current: The same for the current window.
        bins: Into how many cells of equal share the reference is cut, ≥ 2.
    """

    def __init__(self, reference: pl.Series, current: pl.Series, *, bins: int = DEFAULT_BINS) -> None:
        sides = _present(reference), _present(current)
        self._rows = sides[0].size, sides[1].size
        self._missing = reference.len() - self._rows[0], current.len() - self._rows[1]
        self._ranks = sorted({rank * self._rows[0] // bins for rank in range(1, bins)})  # met exactly, as ties are
        self._bins = bins
        self._pair = _pair(*sides, self._ranks)
        self._scale = deviation(sides[0]) if self._rows[0] else 0.0

    @cached_property
    def bins(self) -> Bins:
        """See `NumericPair.bins`."""
        cuts = self._cuts() if self._rows[0] else []
        below = [self._pair.rows_below(cut.at, closed=cut.closed) for cut in cuts]
        reference, current = (
            np.append(np.diff([0, *(each[side] for each in below), self._rows[side]]), self._missing[side])
            for side in (0, 1)
        )
        return Bins((*cell_labels(cuts), "<missing>"), reference.astype(np.int64), current.astype(np.int64))

    @property
    def rows(self) -> tuple[int, int]:
        """See `NumericPair.rows`."""
        return self._rows

    @property
    def missing(self) -> tuple[int, int]:
        """See `NumericPair.missing`."""
        return self._missing

    @property
    def largest_gap(self) -> float:
        """See `NumericPair.largest_gap`."""
        return self._pair.largest_gap if all(self.rows) else float("nan")

    @property
    def area(self) -> float:
        """See `NumericPair.area`."""
        return self._pair.area if all(self.rows) else float("nan")

    @property
    def scale(self) -> float:
        """See `NumericPair.scale`."""
        return self._scale

    def _cuts(self) -> list[Cut]:
        """Borders of the cells, in order; the reference has values."""
        cuts: list[Cut] = []
        for edge in sorted({self._pair.ranked(rank) for rank in self._ranks}):
            (low, _), (high, _) = (self._pair.rows_below(edge, closed=closed) for closed in (False, True))
            if (high - low) * self._bins >= self._rows[0]:
                cuts.append(Cut(edge, closed=False))
            cuts.append(Cut(edge, closed=True))
        return cuts


def _present(series: pl.Series) -> FloatArray:
    """The finite values, in their order; no copy where all are."""
    import polars as pl

    values = series.cast(pl.Float64).drop_nulls().to_numpy()
    finite = np.isfinite(values)
    return values if finite.all() else values[finite]


def _pair(a: FloatArray, b: FloatArray, ranks: list[int]) -> SortedPair | RefinedPair:
    if min(a.size, b.size) and a.size + b.size >= _LARGE:
        return RefinedPair.of(a, b, ranks) or SortedPair(a, b)
    return SortedPair(a, b)
