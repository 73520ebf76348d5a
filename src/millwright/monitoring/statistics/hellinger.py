"""Hellinger distance.

√(1 - Σ √(pᵢ·qᵢ)) over the cells (Hellinger 1909; the sum is the Bhattacharyya coefficient): 0 for equal shares, 1 for
samples with no cell in common.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from millwright.monitoring.statistics.cell_distance import CellDistance
from millwright.monitoring.statistics.column import shares

if TYPE_CHECKING:
    from millwright.monitoring.statistics.column import CountArray


def hellinger(reference: CountArray, current: CountArray) -> float:
    """The Hellinger distance of two samples counted in the same cells.

    Args:
        reference: Rows per cell, integers of shape (b,), ≥ 0.
        current: The same for the current window.

    Returns:
        0 to 1; NaN when either sample has no rows.

    Examples:
        >>> import numpy as np
        >>> round(hellinger(np.array([1, 1, 0]), np.array([0, 1, 1])), 4)
        0.7071
    """
    p, q = shares(reference), shares(current)
    # Half the squared distance of the roots: the same number, and exactly 0 for equal shares.
    return float(np.sqrt(np.minimum(1.0, np.sum((np.sqrt(p) - np.sqrt(q)) ** 2) / 2)))


class Hellinger(CellDistance):
    """Hellinger distance over the column's cells, missing values included."""

    name: ClassVar[str] = "hellinger"
    upper: ClassVar[float] = 1.0
    distance = staticmethod(hellinger)
