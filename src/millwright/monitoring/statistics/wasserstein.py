"""Wasserstein distance, normalised.

The area between the two empirical distribution functions (the least work to move one sample onto the other; Villani
2009, remark 2.19), divided by the reference's standard deviation, so that 0.1 means "a tenth of a standard deviation"
in any column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from millwright.monitoring.statistics.column import ColumnKind, Score
from millwright.monitoring.statistics.numeric import NumericColumn

if TYPE_CHECKING:
    from millwright.monitoring.statistics.column import Column


def wasserstein(column: NumericColumn) -> float:
    """The first Wasserstein distance of the present values in standard deviations of the reference.

    A constant reference has no deviation: the distance is then in the column's own unit.

    Returns:
        ≥ 0; NaN when a side has no present value.
    """
    values, gap = column.merged.values, column.merged.gap
    if not values.size:
        return float("nan")
    with np.errstate(over="ignore", invalid="ignore"):  # of values near the largest float the distance is inf or NaN
        area = np.sum(np.abs(gap[:-1]) * np.diff(values))
        return float(area / (column.scale or 1.0))


class Wasserstein:
    """Normalised Wasserstein distance of the present values; missing values take no part."""

    name: ClassVar[str] = "wasserstein"
    kinds: ClassVar[frozenset[ColumnKind]] = frozenset({ColumnKind.NUMERIC})
    upper: ClassVar[float] = float("inf")
    symmetric: ClassVar[bool] = False  # the reference's deviation is the unit

    def score(self, column: Column) -> Score:
        """The distance; it has no test of its own."""
        if not isinstance(column, NumericColumn):
            raise TypeError("Expected a numeric column.")
        return Score(wasserstein(column))
