"""Narrow cells of numbers, found from the bits of a number without a look at borders.

Notation: a value x is at distance d = x - c of the grid's center c. Each power of two of |d| is cut into 2^f cells of
equal width, as floating-point numbers themselves are, from 2⁻¹⁰ of the values' usual distance on. They are narrow where
most values are, wherever these lie, and a long tail takes few of them. Below is one cell on each side, and the center
itself is a cell of its own: what many rows have in common is often it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from millwright.monitoring.statistics.column import CountArray, FloatArray

if TYPE_CHECKING:
    from collections.abc import Iterator

_BITS = 52  # of a float64 behind its exponent
_BELOW, _ABOVE = 10, 20  # powers of two around the usual distance that are cut into cells
_SAMPLED = 4096  # values that tell center and usual distance
_TIED = 0.5  # less than so many different values of so many: it is worth a look which cells have only one
_BLOCK = 1 << 17  # values handled at a time: what they need stays in the processor's cache


@dataclass(frozen=True, slots=True, eq=False)
class CellCount:
    """A sample in cells.

    Attributes:
        rows: Of each cell, int64 of shape (size,).
        sums: Of the distances of each cell, float64 of the same shape; zeros where the grid is `tied`.
        cells: Of each value, int32 of shape (n,).
    """

    rows: CountArray
    sums: FloatArray
    cells: NDArray[np.int32]

    def chosen(self, values: FloatArray, wanted: NDArray[np.bool_]) -> FloatArray:
        """The sample's values that are in some cells, in order.

        Args:
            values: What was counted.
            wanted: Whether a cell is one of them, of shape (size,).
        """
        starts = range(0, values.size, _BLOCK)
        found = [values[at : at + _BLOCK][wanted.take(self.cells[at : at + _BLOCK])] for at in starts]
        ordered = np.concatenate(found)
        ordered.sort()
        return ordered


class CellGrid:
    """Cells for two samples; a larger value is never in a lower cell.

    Where values come often (`tied`), as whole numbers do, cells with one value each are told from `mixed` ones.

    Args:
        a: float64 of shape (n,), n ≥ 1, finite, in any order: its middle is the center.
        lowest: Of all values to be counted.
        highest: The same; `highest - lowest` is finite.
        fineness: The f above, 0 to 20.
    """

    def __init__(self, a: FloatArray, lowest: float, highest: float, fineness: int) -> None:
        sample = np.sort(a[:: max(1, a.size // _SAMPLED)])
        self.center = float(sample[sample.size // 2])
        away = np.abs(sample - self.center)
        usual = float(np.median(away[away > 0])) if away.any() else 1.0
        farthest = max(highest - self.center, self.center - lowest, usual)
        self._shift = _BITS - fineness
        self._base = max(self._number(usual) - (_BELOW << fineness), 0)
        self._half = min(self._number(farthest) - self._base + 1, (_BELOW + _ABOVE) << fineness)  # cells on each side
        inner = (np.arange(self._base + 1, self._base + self._half, dtype=np.int64) << self._shift).view(np.float64)
        outward = np.concatenate([[0.0], inner, [max([farthest, *inner[-1:]])]])
        self.edges: FloatArray = np.concatenate([-outward[::-1], outward])  # distances, (size + 1,)
        self.values: FloatArray = np.full(self.size, np.nan)  # of each cell one that was found there
        self.mixed: NDArray[np.bool_] = np.ones(self.size, dtype=np.bool_)  # whether there may be more than one
        others = sample[away > 0]
        self.tied = np.unique(others).size < _TIED * others.size
        if self.tied:
            self.mixed[:] = False
            for block, cells, _ in self._blocks(others):
                self.values[cells] = block
        self.values[self._half], self.mixed[self._half] = self.center, False

    @property
    def size(self) -> int:
        """How many cells there are."""
        return 2 * self._half + 1

    def count(self, values: FloatArray) -> CellCount:
        """Find the cells of a sample: float64 of shape (n,), finite, none beyond the lowest and highest."""
        rows, sums = np.zeros(self.size, dtype=np.int64), np.zeros(self.size)
        kept = np.empty(values.size, dtype=np.int32)
        start = 0
        for block, cells, away in self._blocks(values):
            kept[start : start + block.size] = cells
            start += block.size
            rows += np.bincount(cells, minlength=self.size)
            if self.tied:
                self._tell_apart(block, cells)
            else:
                sums += np.bincount(cells, away, minlength=self.size)
        sums[: self._half] *= -1
        return CellCount(rows, sums, kept)

    def _tell_apart(self, values: FloatArray, cells: NDArray[np.int64]) -> None:
        """Note the value of each cell, and which have more than one."""
        known = self.values.take(cells)
        differs = known != values
        if not differs.any():
            return
        values, cells, known = values[differs], cells[differs], known[differs]
        fresh = np.isnan(known)
        self.values[cells[fresh]] = values[fresh]
        self.mixed[cells[self.values[cells] != values]] = True

    def _blocks(self, values: FloatArray) -> Iterator[tuple[FloatArray, NDArray[np.int64], FloatArray]]:
        """Values, their cells and distances (without sign), piece by piece; the next piece takes the place of both."""
        size = min(_BLOCK, values.size)
        kept_away, kept_cells, kept_sign = np.empty(size), np.empty(size, np.int64), np.empty(size, np.int64)
        for start in range(0, values.size, _BLOCK):
            block = values[start : start + _BLOCK]
            away, cells, sign = kept_away[: block.size], kept_cells[: block.size], kept_sign[: block.size]
            np.subtract(block, self.center, out=away)
            np.right_shift(away.view(np.int64), 63, out=sign)  # -1 of what lies below the center, else 0
            np.abs(away, out=away)
            np.right_shift(away.view(np.int64), self._shift, out=cells)
            cells -= self._base
            np.maximum(cells, 0, out=cells)
            np.minimum(cells, self._half - 1, out=cells)
            cells += away > 0
            cells ^= sign  # with the next line: the negative of it
            cells -= sign
            cells += self._half
            yield block, cells, away

    def _number(self, distance: float) -> int:
        """Of the cell, counted from that of the smallest float."""
        return int(np.float64(distance).view(np.int64)) >> self._shift
