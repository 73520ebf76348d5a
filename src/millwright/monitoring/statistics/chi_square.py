"""Two-sample chi-square test of homogeneity.

Both samples are random: the expected counts come from both together (Pearson's test on the table of 2 by b cells, as
`scipy.stats.chi2_contingency(correction=False)`). Treating the reference as exact, as some monitors do, calls
undrifted columns with many values drifted.

The chi-square distribution fits while every expected count is at least 5 (Cochran 1954). Below, a few rows of a rare
value would look significant; the p-value then comes from a permutation test (Hope 1968): tables with the same margins,
drawn from the multivariate hypergeometric distribution with a fixed seed, until enough of them are at least as extreme
to know that p is not small (Besag and Clifford 1991).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from millwright.core.errors import MissingExtraError
from millwright.monitoring.statistics.column import ColumnKind, Score

if TYPE_CHECKING:
    from millwright.monitoring.statistics.column import Column, CountArray, FloatArray

SMALLEST_EXPECTED = 5.0
PERMUTATIONS = 1999  # p ≥ 1/2000: small enough for false-discovery control over a hundred columns
_CHUNK = 100  # tables drawn at a time
_ENOUGH = 25  # extreme tables that settle a p-value to a fifth of its size
_SEED = 20_251_121  # fixed, so that a report can be computed again


def chi_square(reference: CountArray, current: CountArray) -> float:
    """Pearson's statistic of two samples counted in the same cells.

    Args:
        reference: Rows per cell, integers of shape (b,), ≥ 0. Cells that are empty in both samples are left out.
        current: The same for the current window.

    Returns:
        ≥ 0; NaN when either sample has no rows.

    Examples:
        >>> import numpy as np
        >>> round(chi_square(np.array([10, 20]), np.array([20, 20])), 4)
        1.9444
    """
    if not reference.sum() or not current.sum():
        return float("nan")
    used = (reference + current) > 0
    pooled = (reference + current)[used]
    return float(_statistic(current[used][None, :], pooled, int(current.sum()))[0])


def chi_square_p(reference: CountArray, current: CountArray) -> float:
    """The probability of at least this statistic for two samples of one population; 1 with fewer than two used cells.

    Both samples have at least one row.
    """
    used = (reference + current) > 0
    pooled = (reference + current)[used]
    degrees = int(used.sum()) - 1
    if degrees < 1:
        return 1.0
    smaller = min(int(reference.sum()), int(current.sum()))
    if pooled.min() * smaller / pooled.sum() < SMALLEST_EXPECTED:
        sample = reference[used] if smaller == int(reference.sum()) else current[used]
        return _permutation_p(sample, pooled)
    try:
        from scipy.special import chdtrc
    except ImportError as error:
        raise MissingExtraError("scipy", "sklearn") from error
    return float(chdtrc(degrees, chi_square(reference, current)))


def _statistic(samples: CountArray, pooled: CountArray, size: int) -> FloatArray:
    """Pearson's statistic of each row of `samples` (k, b) against the rest of `pooled` (b,), float64 of shape (k,)."""
    total = float(pooled.sum())
    expected = pooled * (size / total)
    # (O - E)² is the same in both rows of the table; 1/E adds up over the two rows to total² / (pooled·size·other).
    weight = total / (expected * (total - size))
    result: FloatArray = np.sum((samples - expected) ** 2 * weight, axis=1)
    return result


def _permutation_p(sample: CountArray, pooled: CountArray) -> float:
    size = int(sample.sum())
    generator = np.random.default_rng(_SEED)
    # A hair below, so that a table equal to the observed one counts in spite of rounding.
    observed = _statistic(sample[None, :], pooled, size)[0] * (1 - 1e-12)
    at_least, drawn = 0, 0
    while drawn < PERMUTATIONS and at_least < _ENOUGH:
        rows = min(_CHUNK, PERMUTATIONS - drawn)
        tables = generator.multivariate_hypergeometric(pooled, size, size=rows, method="marginals")
        at_least += int(np.sum(_statistic(tables, pooled, size) >= observed))
        drawn += rows
    return (at_least + 1) / (drawn + 1)


class ChiSquare:
    """Chi-square over the column's cells for tests, missing values included."""

    name: ClassVar[str] = "chi_square"
    kinds: ClassVar[frozenset[ColumnKind]] = frozenset(ColumnKind)
    upper: ClassVar[float] = float("inf")
    symmetric: ClassVar[bool] = True

    def score(self, column: Column) -> Score:
        """The statistic (it grows with the number of rows, so it is no effect size) and its p-value."""
        reference, current = column.test_counts
        value = chi_square(reference, current)
        if np.isnan(value):
            return Score(value)
        return Score(value, chi_square_p(reference, current))
