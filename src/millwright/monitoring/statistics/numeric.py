"""A numeric column of two samples, each sorted once.

Notation: n and m are the reference's and the current window's numbers of present values.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from millwright.monitoring.statistics.column import Bins, CountArray, FloatArray
from millwright.monitoring.statistics.cut import Cut, cell_labels
from millwright.monitoring.statistics.numeric_pair import NumericPair
from millwright.monitoring.statistics.ordered import area_between, deviation, largest_gap

if TYPE_CHECKING:
    import polars as pl

DEFAULT_BINS = 10  # deciles: the convention that the PSI's customary limits (0.1, 0.2) were made for


class NumericColumn(NumericPair):
    """Two samples of numbers.

    NaN and infinities count as missing, like nulls: a request cannot carry them, and a model cannot use them.

    Args:
        reference: Any numeric series, any order.
        current: The same for the current window.
        bins: Into how many cells of equal share the reference is cut, ≥ 2.
    """

    def __init__(self, reference: pl.Series, current: pl.Series, *, bins: int = DEFAULT_BINS) -> None:
        self.reference, reference_missing = _sorted(reference)  # float64 (n,)
        self.current, current_missing = _sorted(current)  # float64 (m,)
        self._missing = reference_missing, current_missing
        self._bins = bins

    @cached_property
    def bins(self) -> Bins:
        """See `NumericPair.bins`."""
        cuts = _cuts(self.reference, self._bins)
        labels = (*cell_labels(cuts), "<missing>")
        return Bins(
            labels,
            _count(self.reference, cuts, self.missing[0]),
            _count(self.current, cuts, self.missing[1]),
        )

    @property
    def rows(self) -> tuple[int, int]:
        """See `NumericPair.rows`."""
        return self.reference.size, self.current.size

    @property
    def missing(self) -> tuple[int, int]:
        """See `NumericPair.missing`."""
        return self._missing

    @cached_property
    def largest_gap(self) -> float:
        """See `NumericPair.largest_gap`."""
        return largest_gap(self.reference, self.current) if all(self.rows) else float("nan")

    @cached_property
    def area(self) -> float:
        """See `NumericPair.area`."""
        return area_between(self.reference, self.current) if all(self.rows) else float("nan")

    @cached_property
    def scale(self) -> float:
        """See `NumericPair.scale`."""
        return deviation(self.reference) if self.reference.size else 0.0


def _sorted(series: pl.Series) -> tuple[FloatArray, int]:
    import polars as pl

    values = series.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    ordered = np.sort(values)  # -inf first, inf and then NaN last
    first, last = np.searchsorted(ordered, -np.inf, side="right"), np.searchsorted(ordered, np.inf, side="left")
    present = ordered[first:last]
    return present, int(values.size - present.size)


def _cuts(ordered: FloatArray, bins: int) -> list[Cut]:
    """Borders of the cells, in order; none for an empty reference."""
    n = ordered.size
    if n == 0:
        return []
    ranks = np.arange(1, bins) * n // bins  # an observed value each, so that ties are met exactly
    cuts: list[Cut] = []
    for edge in np.unique(ordered[ranks]):
        low, high = np.searchsorted(ordered, [edge, edge], side="left")[0], np.searchsorted(ordered, edge, side="right")
        if (high - low) * bins >= n:
            cuts.append(Cut(float(edge), closed=False))
        cuts.append(Cut(float(edge), closed=True))
    return cuts


def _count(ordered: FloatArray, cuts: list[Cut], missing: int) -> CountArray:
    borders = [int(np.searchsorted(ordered, cut.at, side="right" if cut.closed else "left")) for cut in cuts]
    return np.append(np.diff([0, *borders, ordered.size]), missing).astype(np.int64)
