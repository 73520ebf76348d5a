"""Jensen-Shannon distance.

The square root of the Jensen-Shannon divergence to base 2 (Lin 1991; Endres and Schindelin 2003 show that the root is a
metric): 0 for equal shares, 1 for samples with no cell in common. Needs no smoothing, and one rare new category cannot
blow it up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from millwright.monitoring.statistics.cell_distance import CellDistance
from millwright.monitoring.statistics.column import FloatArray, shares

if TYPE_CHECKING:
    from millwright.monitoring.statistics.column import CountArray


def jensen_shannon(reference: CountArray, current: CountArray) -> float:
    """The Jensen-Shannon distance of two samples counted in the same cells.

    Args:
        reference: Rows per cell, integers of shape (b,), ≥ 0.
        current: The same for the current window.

    Returns:
        0 to 1; NaN when either sample has no rows.

    Examples:
        >>> import numpy as np
        >>> round(jensen_shannon(np.array([1, 1, 0]), np.array([0, 1, 1])), 4)
        0.7071
    """
    p, q = shares(reference), shares(current)
    if np.isnan(p).any() or np.isnan(q).any():
        return float("nan")
    middle = (p + q) / 2
    divergence = (_relative_entropy(p, middle) + _relative_entropy(q, middle)) / 2
    return float(np.sqrt(min(1.0, max(0.0, divergence))))


def _relative_entropy(p: FloatArray, q: FloatArray) -> float:
    """In bits; cells where `p` is 0 add nothing."""
    used = p > 0
    return float(np.sum(p[used] * np.log2(p[used] / q[used])))


class JensenShannon(CellDistance):
    """Jensen-Shannon distance over the column's cells, missing values included."""

    name: ClassVar[str] = "jensen_shannon"
    upper: ClassVar[float] = 1.0
    distance = staticmethod(jensen_shannon)
