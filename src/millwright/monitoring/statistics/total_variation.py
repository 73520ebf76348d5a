"""Total variation distance.

½ Σ |pᵢ - qᵢ| over the cells: the share of rows that would have to move to another cell (Levin, Peres and Wilmer, Markov
Chains and Mixing Times, 2017, proposition 4.2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from millwright.monitoring.statistics.cell_distance import CellDistance
from millwright.monitoring.statistics.column import shares

if TYPE_CHECKING:
    from millwright.monitoring.statistics.column import CountArray


def total_variation(reference: CountArray, current: CountArray) -> float:
    """The total variation distance of two samples counted in the same cells.

    Args:
        reference: Rows per cell, integers of shape (b,), ≥ 0.
        current: The same for the current window.

    Returns:
        0 to 1; NaN when either sample has no rows.

    Examples:
        >>> import numpy as np
        >>> total_variation(np.array([1, 1, 0]), np.array([0, 1, 1]))
        0.5
    """
    return float(np.minimum(1.0, np.sum(np.abs(shares(reference) - shares(current))) / 2))


class TotalVariation(CellDistance):
    """Total variation distance over the column's cells, missing values included."""

    name: ClassVar[str] = "total_variation"
    upper: ClassVar[float] = 1.0
    distance = staticmethod(total_variation)
