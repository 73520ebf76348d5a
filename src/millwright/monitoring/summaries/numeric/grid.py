"""The cells of a column of numbers.

Cells that follow from the reference make counts exact where it counts: a border stands at every five-hundredth of the
reference's rows, and a value on a border is counted apart from those beside it. So the deciles that PSI and its like
are defined on, and all values of a column with at most 500 of them, are met exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.monitoring.statistics.column import CountArray, FloatArray
from millwright.monitoring.summaries.grid import Grid, unpack_counts
from millwright.monitoring.summaries.numeric.pair import NumericSummaryPair
from millwright.monitoring.summaries.numeric.summary import NumericSummary

if TYPE_CHECKING:
    import polars as pl

CELLS = 500  # a multiple of 10, 20, 25, 50 and 100: bins of so many are met exactly


@dataclass(frozen=True, slots=True, eq=False)
class NumericGrid(Grid[NumericSummary]):
    """Cells of numbers: below the first border, on it, between it and the next, …, above the last.

    Attributes:
        borders: Rising, finite, float64 of shape (b,), b ≤ `CELLS` + 1, with the reference's lowest and highest value;
            empty for a reference without numbers.
        deviation: The standard deviation of the reference's numbers (divisor n).
    """

    borders: FloatArray
    deviation: float

    @classmethod
    def of(cls, values: FloatArray) -> NumericGrid:
        """The cells for a reference.

        Args:
            values: Its numbers, all finite, shape (n,).
        """
        if not values.size:
            return cls(np.empty(0), 0.0)
        ordered = np.sort(values)
        ranks = np.minimum(np.arange(CELLS + 1) * ordered.size // CELLS, ordered.size - 1)
        with np.errstate(over="ignore", invalid="ignore"):
            return cls(np.unique(ordered[ranks]), float(ordered.std()))

    @property
    def cells(self) -> int:
        """How many there are: one on each border, one on each side of each."""
        return 2 * self.borders.size + 1

    def place(self, values: FloatArray) -> CountArray:
        """The cell of each of some finite numbers, int64 of shape (n,): even between borders, odd on one."""
        at: CountArray = np.searchsorted(self.borders, values)
        if not self.borders.size:
            return at
        is_on_border = self.borders[np.minimum(at, self.borders.size - 1)] == values
        placed: CountArray = 2 * at + is_on_border
        return placed

    def describe(self) -> list[str]:
        """See `Grid.describe`."""
        return [border.hex() for border in self.borders.tolist()]

    def count(self, values: pl.Series) -> NumericSummary:
        """See `Grid.count`; NaN and infinities are missing."""
        numbers = values.fill_null(float("nan")).to_numpy()
        present = numbers[np.isfinite(numbers)]
        place = self.place(present)
        with np.errstate(over="ignore", invalid="ignore"):
            return NumericSummary(
                counts=np.bincount(place, minlength=self.cells).astype(np.int64),
                sums=np.bincount(place, weights=present, minlength=self.cells).astype(np.float64),
                missing=int(numbers.size - present.size),
                lowest=float(present.min(initial=np.inf)),
                highest=float(present.max(initial=-np.inf)),
            )

    def pair(self, reference: NumericSummary, current: NumericSummary, *, bins: int, levels: int) -> NumericSummaryPair:
        """See `Grid.pair`."""
        del levels
        return NumericSummaryPair(self.borders, self.deviation, reference, current, bins=bins)

    def unpack(self, packed: list[Any]) -> NumericSummary:
        """See `Grid.unpack`."""
        counts, used = unpack_counts(self.cells, packed)
        sums = np.zeros(self.cells)
        if used.size == self.cells:
            sums[:] = np.frombuffer(packed[2], "<f8")
        else:
            sums[used] = np.frombuffer(packed[2], "<f8")
        return NumericSummary(counts=counts, sums=sums, missing=packed[3], lowest=packed[4], highest=packed[5])
