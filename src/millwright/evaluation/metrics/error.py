"""Metrics of the error of predicted values: RMSE, MAE, R², MAPE, median absolute error.

All functions take `Draws` and return (b,) float64, NaN where undefined. Units: the target's, except R² and MAPE.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from millwright.evaluation.metrics.draws import Draws
    from millwright.evaluation.metrics.sample import Floats


def rmse(draws: Draws) -> Floats:
    """The root of the mean squared error."""
    return np.sqrt(draws.mean(_errors(draws) ** 2))


def mae(draws: Draws) -> Floats:
    """The mean absolute error."""
    return draws.mean(np.abs(_errors(draws)))


def r2(draws: Draws) -> Floats:
    """The share of the target's variance that is explained: 1 is perfect, 0 is its mean, below 0 is worse.

    Undefined with fewer than two rows or when all true values are equal (scikit-learn fills in 0 or 1 there).
    """
    truth = draws.sample.y_true
    centred = truth - truth.mean()  # the variance of a difference is the same, and numerically safe
    variance = draws.mean(centred**2) - draws.mean(centred) ** 2
    noise = 1e-14 * float(np.max(np.abs(centred)) ** 2)
    explained = 1 - draws.mean(_errors(draws) ** 2) / np.where(variance > noise, variance, np.nan)
    return np.asarray(explained)


def mape(draws: Draws) -> Floats:
    """The mean of |error| / |truth|, as a fraction (0.1 is 10 %); undefined when a true value is 0."""
    truth = np.abs(draws.sample.y_true)
    if np.any(truth == 0):
        return np.full(len(draws.weights), np.nan)
    return draws.mean(np.abs(_errors(draws)) / truth)


def median_ae(draws: Draws) -> Floats:
    """The median absolute error; the mean of the two middle ones when the weight is split evenly."""
    errors = np.abs(_errors(draws))
    order = np.argsort(errors, kind="stable")
    ranked = errors[order]
    cumulated = np.cumsum(draws.weights[:, order], axis=1)
    half = cumulated[:, -1:] / 2
    last = len(ranked) - 1
    lower = np.minimum((cumulated < half).sum(axis=1), last)  # the first row that reaches half the weight
    upper = np.minimum((cumulated <= half).sum(axis=1), last)  # the first one beyond it
    return np.asarray((ranked[lower] + ranked[upper]) / 2)


def _errors(draws: Draws) -> Floats:
    return np.asarray(draws.sample.y_pred - draws.sample.y_true, dtype=np.float64)
