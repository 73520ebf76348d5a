"""Population stability index.

PSI = Σ (pᵢ - qᵢ) · ln(pᵢ / qᵢ) over the cells: the symmetric Kullback-Leibler divergence (Jeffreys 1946) of the binned
samples. The customary reading (below 0.1 stable, above 0.2 shifted) is for ten cells of the reference's deciles
(Siddiqi, Credit Risk Scorecards, 2006).

It grows with small samples by itself: for two samples of one population, PSI is near (1/n + 1/m) · χ² with (b - 1)
degrees of freedom (Yurdakul, Statistical Properties of Population Stability Index, 2018). `drift` therefore lets it
decide only together with a test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from millwright.monitoring.statistics.cell_distance import CellDistance
from millwright.monitoring.statistics.column import shares

if TYPE_CHECKING:
    from millwright.monitoring.statistics.column import CountArray

PSEUDO_ROWS = 1.0  # weight of the prior that keeps empty cells finite: one row, spread as the two samples' mean shares


def population_stability_index(reference: CountArray, current: CountArray) -> float:
    """The PSI of two samples counted in the same cells.

    A cell that is empty in one sample would be infinite. Each sample therefore gets `PSEUDO_ROWS` rows, spread over the
    cells as the mean of both samples' shares; samples with equal shares stay at exactly 0, whatever their sizes, and a
    cell that is empty in both adds nothing.

    Args:
        reference: Rows per cell, integers of shape (b,), ≥ 0.
        current: The same for the current window.

    Returns:
        ≥ 0; NaN when either sample has no rows.

    Examples:
        >>> import numpy as np
        >>> round(population_stability_index(np.array([500, 500]), np.array([700, 300])), 3)
        0.169
    """
    p, q = shares(reference), shares(current)
    middle = (p + q) / 2
    n, m = float(reference.sum()), float(current.sum())
    if n == 0 or m == 0:
        return float("nan")
    used = middle > 0
    p = ((n * p + PSEUDO_ROWS * middle) / (n + PSEUDO_ROWS))[used]
    q = ((m * q + PSEUDO_ROWS * middle) / (m + PSEUDO_ROWS))[used]
    return max(0.0, float(np.sum((p - q) * np.log(p / q))))


class PopulationStabilityIndex(CellDistance):
    """PSI over the column's cells, missing values included."""

    name: ClassVar[str] = "psi"
    upper: ClassVar[float] = float("inf")
    distance = staticmethod(population_stability_index)
