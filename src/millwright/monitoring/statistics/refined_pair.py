"""Two large samples, few of whose values are put in order; what is told of them is exact.

Notation: a are the n values of the reference and b the m values of the current window, in any order; F and G are their
empirical distribution functions, and D = F - G is held as the whole number n·m·D.

Both samples are counted in narrow cells (`CellGrid`), which tells F and G at the cells' edges. As both only rise, what
they are at two edges bounds D between. Where D cannot change its sign, the integral of |D| follows from the sum of a
cell's values; where |D| cannot exceed what it is at some edge, its maximum is not. What remains is put in order: cells
in which F and G cross, those that may hold the maximum, and those of the ranks that are asked for. In a tenth of the
values it is, mostly; a sort of a million values takes longer than all of that together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from millwright.monitoring.statistics.cell_grid import CellGrid

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from numpy.typing import NDArray

    from millwright.monitoring.statistics.column import CountArray, FloatArray

_MOST = 0.4  # share of the values: to sort all of them takes no longer
_FINER, _FINEST = 2, 14  # powers of two
_WIDEST = 1e300  # a distance beyond might be infinite


@dataclass(frozen=True, slots=True, eq=False)
class RefinedPair:
    """Two samples of finite numbers, in order where that matters.

    Attributes:
        largest_gap: The maximum of |F - G|.
        area: The integral of |F - G|.
        ranks: Rank → the reference's value of it.
        below: Each of these values → how many of the reference and of the window are less.
        up_to: The same → how many are at most the value.
    """

    largest_gap: float
    area: float
    ranks: Mapping[int, float]
    below: Mapping[float, tuple[int, int]]
    up_to: Mapping[float, tuple[int, int]]

    @classmethod
    def of(cls, a: FloatArray, b: FloatArray, ranks: Sequence[int]) -> RefinedPair | None:
        """Look at two samples.

        Args:
            a: float64 of shape (n,), n ≥ 1, finite.
            b: The same of shape (m,), m ≥ 1, n·m < 2⁶³.
            ranks: Of the reference, which will be asked for.

        Returns:
            None where too much would have to be put in order (the same rows twice, values near the largest float).
        """
        lowest, highest = float(min(a.min(), b.min())), float(max(a.max(), b.max()))
        with np.errstate(over="ignore"):
            if not highest - lowest < _WIDEST:
                return None
        counted = _Counted(CellGrid(a, lowest, highest, _fineness(min(a.size, b.size))), a, b)
        unclear = counted.unclear(ranks)
        return None if counted.share(unclear & counted.mixed) > _MOST else _refined(counted, unclear, ranks)

    def ranked(self, rank: int) -> float:
        """The reference's value of one of the ranks."""
        return self.ranks[rank]

    def rows_below(self, value: float, *, closed: bool) -> tuple[int, int]:
        """How many values of the reference and of the window are less, or with `closed` at most, a ranked one."""
        return (self.up_to if closed else self.below)[value]


def _fineness(rows: int) -> int:
    """So that a cell holds a small share of what F and G of one population differ by, which is 1 / √rows."""
    return min(max(rows.bit_length() // 2 + _FINER, 0), _FINEST)


class _Counted:
    """Both samples in cells.

    Args:
        grid: The cells.
        a: The reference.
        b: The window.
    """

    def __init__(self, grid: CellGrid, a: FloatArray, b: FloatArray) -> None:
        self.grid = grid
        self.sizes = a.size, b.size
        self._samples = a, b
        self._counts = x, y = grid.count(a), grid.count(b)
        self.rows, self.sums = (x.rows, y.rows), (x.sums, y.sums)
        self.mixed = grid.mixed
        if grid.tied:
            away = np.nan_to_num(grid.values - grid.center)  # right where a cell is not mixed
            self.sums = x.rows * away, y.rows * away
        self.before = _summed(x.rows), _summed(y.rows)  # rows below the edges
        self.gaps: CountArray = self.gap(*self.before)  # n·m·D at the edges

    def gap(self, up_to_a: CountArray, up_to_b: CountArray) -> CountArray:
        """n·m·D from rows of both."""
        n, m = self.sizes
        return up_to_a * m - up_to_b * n

    def share(self, cells: NDArray[np.bool_]) -> float:
        """Of all values, those in some cells."""
        return float((self.rows[0] + self.rows[1])[cells].sum() / sum(self.sizes))

    def unclear(self, ranks: Sequence[int]) -> NDArray[np.bool_]:
        """The cells to be looked at; none of them is empty."""
        a, b = self.before
        most, least = self.gap(a[1:], b[:-1]), self.gap(a[:-1], b[1:])  # of D in each cell
        found: NDArray[np.bool_] = (least < 0) & (most > 0)
        found |= np.maximum(most, -least) > np.abs(self.gaps).max()
        found[np.searchsorted(a, ranks, side="right") - 1] = True
        if self.grid.tied:
            found |= self.mixed & ((self.rows[0] + self.rows[1]) > 0)
        return found

    def chosen(self, cells: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
        """The values of both that are in some cells, in order."""
        (a, b), (x, y) = self._samples, self._counts
        return (x.chosen(a, cells), y.chosen(b, cells)) if cells.any() else (a[:0], b[:0])

    def areas(self) -> FloatArray:
        """The integral of |D| in each cell, where D has one sign."""
        (n, m), edges = self.sizes, self.grid.edges
        width, high = np.diff(edges), edges[1:]
        of_a, of_b = (rows * high - sums for rows, sums in zip(self.rows, self.sums, strict=True))
        areas: FloatArray = np.abs(self.gaps[:-1] / (n * m) * width + of_a / n - of_b / m)
        return areas


def _summed(rows: CountArray) -> CountArray:
    below = np.zeros(rows.size + 1, dtype=np.int64)
    np.cumsum(rows, out=below[1:])
    return below


def _refined(counted: _Counted, unclear: NDArray[np.bool_], ranks: Sequence[int]) -> RefinedPair:
    """Put the values of the unclear cells in one order."""
    mixed, alone = unclear & counted.mixed, unclear & ~counted.mixed
    a, b = counted.chosen(mixed)
    (n, m), (rows_a, rows_b) = counted.sizes, counted.rows
    values = np.concatenate([a, b, counted.grid.values[alone]])
    order = np.argsort(values, kind="stable")  # merges what is in order
    steps = np.concatenate([np.full(a.size, m), np.full(b.size, -n), counted.gap(rows_a[alone], rows_b[alone])])
    values, gaps = values[order], np.cumsum(steps[order])
    cells = np.flatnonzero(unclear)
    sizes = np.where(alone[cells], 1, (rows_a + rows_b)[cells])
    last = np.cumsum(sizes) - 1
    gaps += np.repeat(counted.gaps[cells + 1] - gaps[last], sizes)
    gaps = np.abs(gaps, out=gaps)
    largest = int(np.abs(counted.gaps).max())
    if values.size > 1:
        largest = max(largest, int((gaps[:-1] * (values[1:] > values[:-1])).max()))  # not among equal ones
    asked = _Asked(counted, mixed, (a, b), ranks)
    return RefinedPair(
        largest_gap=largest / (float(n) * m),
        area=_area(counted, cells, last, values, gaps),
        ranks=asked.ranks,
        below={value: asked.rows(value, "left") for value in asked.ranks.values()},
        up_to={value: asked.rows(value, "right") for value in asked.ranks.values()},
    )


def _area(counted: _Counted, cells: CountArray, last: CountArray, values: FloatArray, gaps: CountArray) -> float:
    """The integral of |D|: step by step in the cells that were looked at, by sums in the others."""
    first = np.append(0, last[:-1] + 1)
    edges, center = counted.grid.edges, counted.grid.center
    lengths = np.append(np.diff(values), 0.0)  # from each value to the next, or the cell's edge
    lengths[last] = edges[cells + 1] - (values[last] - center)
    heads = values[first] - center - edges[cells]
    looked_at = float((gaps * lengths).sum() + (np.abs(counted.gaps[cells]) * heads).sum())
    areas = counted.areas()
    areas[cells] = 0.0
    return looked_at / (float(counted.sizes[0]) * counted.sizes[1]) + float(areas.sum())


class _Asked:
    """Values of ranks, and rows up to them."""

    def __init__(
        self, counted: _Counted, mixed: NDArray[np.bool_], ordered: tuple[FloatArray, FloatArray], ranks: Sequence[int]
    ) -> None:
        self._counted, self._mixed, self._ordered = counted, mixed, ordered
        chosen = [_summed(rows * mixed) for rows in counted.rows]
        self._left_out = [
            before - inside for before, inside in zip(counted.before, chosen, strict=True)
        ]  # values below each cell that were not put in order
        self.cells: dict[float, int] = {}
        self.ranks: dict[int, float] = {}
        for rank in ranks:
            cell = int(np.searchsorted(counted.before[0], rank, side="right")) - 1
            value = ordered[0][rank - self._left_out[0][cell]] if mixed[cell] else counted.grid.values[cell]
            self.ranks[rank] = float(value)
            self.cells[float(value)] = cell

    def rows(self, value: float, side: Literal["left", "right"]) -> tuple[int, int]:
        """Of both samples, those less than one of the values, or not above it."""
        cell = self.cells[value]
        if not self._mixed[cell]:
            reference, current = (int(each[cell + (side == "right")]) for each in self._counted.before)
        else:
            reference, current = (
                int(np.searchsorted(self._ordered[sample], value, side=side)) + int(self._left_out[sample][cell])
                for sample in (0, 1)
            )
        return reference, current
