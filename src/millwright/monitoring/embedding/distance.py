"""Distances between two sets of vectors.

Notation: x is (n, d), of the reference; y is (m, d), of the window.

The maximum mean discrepancy with a Gaussian kernel is 0 only for equal distributions (Gretton and others, A kernel
two-sample test, JMLR 13, 2012); its bandwidth is the median distance between rows of both sides, as there. Its p-value
comes from exchanging rows between the sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from millwright.monitoring.second_model import SEED

if TYPE_CHECKING:
    from millwright.evaluation.metrics.sample import Floats

PERMUTATIONS = 499  # p ≥ 1/500


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """The maximum mean discrepancy of two samples.

    Attributes:
        squared: The unbiased estimate of its square, at most 2; below 0 by chance when nothing differs.
        p_value: Of the permutation test, 1/500 to 1.
    """

    squared: float
    p_value: float


def mean_shift(x: Floats, y: Floats) -> float:
    """The distance of the means, in root mean square distances of x from its mean.

    Returns:
        ≥ 0; for an x whose rows are all the same 0 or infinity.
    """
    center = x.mean(axis=0)
    shift = float(np.linalg.norm(y.mean(axis=0) - center))
    radius = float(np.sqrt(((x - center) ** 2).sum(axis=1).mean()))
    return shift / radius if radius > 0 else (float("inf") if shift > 0 else 0.0)


def cosine_distance(x: Floats, y: Floats) -> float:
    """One less the cosine of the angle between the means, 0 to 2; NaN where a mean is 0."""
    first, second = x.mean(axis=0), y.mean(axis=0)
    lengths = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(np.clip(1 - first @ second / lengths, 0, 2)) if lengths > 0 else float("nan")


def discrepancy(x: Floats, y: Floats) -> Discrepancy:
    """The maximum mean discrepancy, and its test.

    Args:
        x: (n, d), n ≥ 2.
        y: (m, d), m ≥ 2; memory and work go with (n + m)².
    """
    n, m = len(x), len(y)
    together = np.concatenate([x, y])
    norms = (together**2).sum(axis=1)
    squares = np.maximum(norms[:, None] + norms[None, :] - 2 * together @ together.T, 0.0)  # (n + m, n + m)
    median = float(np.median(squares[np.triu_indices(n + m, 1)]))
    kernel = np.exp(squares / (-2 * median)) if median > 0 else (squares == 0).astype(np.float64)
    np.fill_diagonal(kernel, 0.0)
    generator = np.random.default_rng(SEED)
    sides = np.zeros((n + m, PERMUTATIONS + 1))
    sides[n:, 0] = 1.0  # as observed
    for number in range(1, PERMUTATIONS + 1):
        sides[generator.permutation(n + m)[:m], number] = 1.0
    within_y = np.einsum("ij,ij->j", sides, kernel @ sides)
    to_all = kernel.sum(axis=1) @ sides
    across = to_all - within_y
    within_x = kernel.sum() - 2 * across - within_y
    found = within_x / (n * (n - 1)) + within_y / (m * (m - 1)) - 2 * across / (n * m)
    # A hair below, so that rows dealt out as observed count in spite of rounding.
    at_least = int((found[1:] >= found[0] - 1e-12).sum())
    return Discrepancy(squared=float(found[0]), p_value=(at_least + 1) / (PERMUTATIONS + 1))
