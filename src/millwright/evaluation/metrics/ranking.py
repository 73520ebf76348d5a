"""Metrics of how well scores rank the rows: ROC AUC and average precision.

Equal scores count as one step, as in scikit-learn. Multi-class: each class against the rest, plain mean (macro);
undefined as soon as one class does not occur. All functions take `Draws` and return (b,) float64.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.evaluation.metrics.draws import Draws
    from millwright.evaluation.metrics.sample import Floats


def roc_auc(draws: Draws) -> Floats:
    """The probability that a row of the class scores above another one, ties counting half; 0.5 is chance.

    Source: the Mann-Whitney form of the area (Hanley and McNeil, Radiology 143, 1982). Undefined when only one class
    occurs.
    """
    return _mean_over_classes(draws, _class_auc)


def average_precision(draws: Draws) -> Floats:
    """The mean precision over the true positives in order of their score, without interpolation.

    Chance is the share of positives. Undefined when no positive row occurs.
    """
    return _mean_over_classes(draws, _class_average_precision)


def _mean_over_classes(draws: Draws, function: Callable[[Floats, Floats], Floats]) -> Floats:
    k = len(draws.sample.classes)
    codes = [1] if k == 2 else range(k)
    return np.asarray(np.mean([function(*draws.ranked(code)) for code in codes], axis=0))


def _class_auc(inside: Floats, outside: Floats) -> Floats:
    above = np.cumsum(inside, axis=1) - inside / 2
    pairs = inside.sum(axis=1) * outside.sum(axis=1)
    area = np.einsum("bg,bg->b", above, outside)
    return np.asarray(np.divide(area, pairs, out=np.full_like(area, np.nan), where=pairs > 0))


def _class_average_precision(inside: Floats, outside: Floats) -> Floats:
    found = np.cumsum(inside, axis=1)
    taken = found + np.cumsum(outside, axis=1)
    precision = np.divide(found, taken, out=np.zeros_like(found), where=taken > 0)
    positives = inside.sum(axis=1)
    area = np.einsum("bg,bg->b", inside, precision)
    return np.asarray(np.divide(area, positives, out=np.full_like(area, np.nan), where=positives > 0))
