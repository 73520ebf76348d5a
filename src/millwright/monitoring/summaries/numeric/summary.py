"""A column of numbers of one window, counted in the cells of a grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from millwright.monitoring.statistics.column import CountArray, FloatArray
from millwright.monitoring.summaries.grid import pack_counts


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class NumericSummary:
    """A column of numbers of one window.

    Two arrays of the grid's size: 16 kB for a column of many values, whatever the number of rows.

    Attributes:
        counts: Rows per cell, int64 of shape (c,).
        sums: Of the numbers per cell, float64 of shape (c,); merging them in another order changes the last digits.
        missing: Rows without a finite number.
        lowest: The lowest number; inf without any.
        highest: The highest; -inf without any.
    """

    counts: CountArray
    sums: FloatArray
    missing: int = 0
    lowest: float = np.inf
    highest: float = -np.inf

    @property
    def rows(self) -> int:
        """How many rows hold a number."""
        return int(self.counts.sum())

    def merge(self, other: NumericSummary) -> NumericSummary:
        """The summary of both windows; of the same grid."""
        return NumericSummary(
            counts=self.counts + other.counts,
            sums=self.sums + other.sums,
            missing=self.missing + other.missing,
            lowest=min(self.lowest, other.lowest),
            highest=max(self.highest, other.highest),
        )

    def pack(self) -> list[Any]:
        """See `ColumnSummary.pack`."""
        sums = self.sums[np.flatnonzero(self.counts)].astype("<f8").tobytes()
        return [*pack_counts(self.counts), sums, self.missing, self.lowest, self.highest]
