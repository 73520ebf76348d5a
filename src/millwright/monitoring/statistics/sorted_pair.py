"""Two samples, all of whose values are put in order."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from millwright.monitoring.statistics.ordered import area_between, largest_gap

if TYPE_CHECKING:
    from typing import Literal

    from millwright.monitoring.statistics.column import FloatArray


class SortedPair:
    """Two samples of finite numbers, in order.

    Args:
        a: The reference's values, float64 of shape (n,), in any order; none is changed.
        b: The current window's, of shape (m,).
    """

    def __init__(self, a: FloatArray, b: FloatArray) -> None:
        self._a, self._b = np.sort(a), np.sort(b)

    @cached_property
    def largest_gap(self) -> float:
        """The maximum of |F - G|; n and m ≥ 1."""
        return largest_gap(self._a, self._b)

    @cached_property
    def area(self) -> float:
        """The integral of |F - G|; n and m ≥ 1."""
        return area_between(self._a, self._b)

    def ranked(self, rank: int) -> float:
        """The reference's value of a rank, counted from 0."""
        return float(self._a[rank])

    def rows_below(self, value: float, *, closed: bool) -> tuple[int, int]:
        """How many values of the reference and of the window are less, or with `closed` at most, a given one."""
        side: Literal["left", "right"] = "right" if closed else "left"
        return int(np.searchsorted(self._a, value, side=side)), int(np.searchsorted(self._b, value, side=side))
