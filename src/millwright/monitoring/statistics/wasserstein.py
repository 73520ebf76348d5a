"""Wasserstein distance, normalised.

The area between the two empirical distribution functions (the least work to move one sample onto the other; Villani
2009, remark 2.19), divided by the reference's standard deviation, so that 0.1 means "a tenth of a standard deviation"
in any column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from millwright.monitoring.statistics.column import ColumnKind, Score
from millwright.monitoring.statistics.numeric_pair import NumericPair, numeric_pair

if TYPE_CHECKING:
    from millwright.monitoring.statistics.column import Column


def wasserstein(pair: NumericPair) -> float:
    """The first Wasserstein distance of the present values in standard deviations of the reference.

    A constant reference has no deviation: the distance is then in the column's own unit.

    Returns:
        ≥ 0; NaN when a side has no present value, or of values near the largest float.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.float64(pair.area) / (pair.scale or 1.0))


class Wasserstein:
    """Normalised Wasserstein distance of the present values; missing values take no part."""

    name: ClassVar[str] = "wasserstein"
    kinds: ClassVar[frozenset[ColumnKind]] = frozenset({ColumnKind.NUMERIC})
    upper: ClassVar[float] = float("inf")
    symmetric: ClassVar[bool] = False  # the reference's deviation is the unit

    def score(self, column: Column) -> Score:
        """The distance; it has no test of its own."""
        return Score(wasserstein(numeric_pair(column)))
