"""Metrics of the probabilities themselves: Brier score and log loss.

Both are strictly proper: the true probabilities minimise them (Gneiting and Raftery, JASA 102, 2007). All functions
take `Draws` and return (b,) float64; they are always defined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from millwright.evaluation.metrics.draws import Draws
    from millwright.evaluation.metrics.sample import Floats, Sample

_EPSILON = float(np.finfo(np.float64).eps)  # scikit-learn's clip for float64 probabilities


def brier(draws: Draws) -> Floats:
    """The mean of `brier_by_row`."""
    return draws.mean(brier_by_row(draws.sample))


def brier_by_row(sample: Sample) -> Floats:
    """The squared difference of probability and outcome of each row, (n,).

    Binary: of the positive class, 0 to 1. Multi-class: summed over the classes (Brier, Monthly Weather Review 78,
    1950), 0 to 2. Both as scikit-learn's `brier_score_loss` has them.
    """
    scores = _scores(sample)
    if scores.shape[1] == 2:
        return np.asarray((scores[:, 1] - sample.y_true) ** 2, dtype=np.float64)
    outcome = np.eye(scores.shape[1])[sample.y_true]
    return np.asarray(((scores - outcome) ** 2).sum(axis=1), dtype=np.float64)


def log_loss(draws: Draws) -> Floats:
    """The mean negative natural logarithm of the true class's probability, 0 upwards.

    Probabilities are clipped to [eps, 1 - eps] with the float64 eps, as in scikit-learn.
    """
    sample = draws.sample
    probability = np.take_along_axis(_scores(sample), sample.y_true[:, None], axis=1)[:, 0]
    return draws.mean(-np.log(np.clip(probability, _EPSILON, 1 - _EPSILON)))


def _scores(sample: Sample) -> Floats:
    if sample.scores is None:
        msg = "probability metrics need scores"
        raise ValueError(msg)
    return sample.scores
