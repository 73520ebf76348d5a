"""One sample seen through b sets of row weights at once; what metrics share is computed once here.

Notation as in `sample`; weights are (b, n) float64 counts ≥ 0, each row of them summing to more than 0.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from millwright.evaluation.metrics.sample import Floats, Sample


class Draws:
    """A sample under b weightings.

    Args:
        sample: The n rows.
        weights: (b, n) how often each row counts in each draw; None for one draw in which each row counts once.
    """

    def __init__(self, sample: Sample, weights: Floats | None = None) -> None:
        self.sample = sample
        self.weights: Floats = np.ones((1, sample.rows)) if weights is None else weights
        self._ranked: dict[int, tuple[Floats, Floats]] = {}

    @cached_property
    def total(self) -> Floats:
        """(b,) sum of the weights."""
        return np.asarray(self.weights.sum(axis=1))

    @cached_property
    def confusion(self) -> Floats:
        """(b, k, k) weight of each pair (true class, predicted class)."""
        cells, k = self.sample.cells(), len(self.sample.classes)
        matrix = np.zeros((len(self.weights), k * k))
        # One gather and one reduction beat b separate bincounts, which cannot take a matrix of weights.
        matrix[:, cells.present] = np.add.reduceat(self.weights[:, cells.order], cells.starts, axis=1)
        return matrix.reshape(-1, k, k)

    def mean(self, values: Floats) -> Floats:
        """(b,) weighted mean of (n,) values."""
        return np.asarray(self.weights @ values / self.total)

    def ranked(self, code: int) -> tuple[Floats, Floats]:
        """Weight of the rows of class `code`, and of the others, by falling score of that class.

        Returns:
            Two arrays (b, g), one column per group of equal scores.
        """
        if code not in self._ranked:
            ranking = self.sample.ranking(code)
            weights = self.weights[:, ranking.order]
            inside = weights * (self.sample.y_true[ranking.order] == code)
            outside = weights - inside
            if len(ranking.starts) < len(ranking.order):
                inside = np.add.reduceat(inside, ranking.starts, axis=1)
                outside = np.add.reduceat(outside, ranking.starts, axis=1)
            self._ranked[code] = (inside, outside)
        return self._ranked[code]
