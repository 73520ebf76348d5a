"""Metrics that only need the confusion matrix: accuracy, balanced accuracy, precision, recall, F1.

Binary metrics are those of the positive class (the second one). Multi-class ones are the plain mean over the classes
that occur in the truth or in the predictions (macro), with 0 where a class was never predicted, as scikit-learn does
with `average="macro", zero_division=0`.

All functions take `Draws` and return (b,) float64, NaN where undefined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from millwright.evaluation.metrics.draws import Draws
    from millwright.evaluation.metrics.sample import Floats


def accuracy(draws: Draws) -> Floats:
    """The share of rows predicted right, 0 to 1."""
    return np.asarray(np.trace(draws.confusion, axis1=1, axis2=2) / draws.total)


def balanced_accuracy(draws: Draws) -> Floats:
    """The mean recall of the classes that occur, 0 to 1; undefined when fewer than two occur."""
    recalls, present = _recalls(draws.confusion)
    occurring = present.sum(axis=1)
    return np.where(occurring >= 2, recalls.sum(axis=1) / np.maximum(occurring, 1), np.nan)


def precision(draws: Draws) -> Floats:
    """The share of predicted positives that are right; 0 when nothing is predicted positive."""
    return _average(draws.confusion, _precisions(draws.confusion))


def recall(draws: Draws) -> Floats:
    """The share of true positives that are found."""
    return _average(draws.confusion, _recalls(draws.confusion)[0])


def f1(draws: Draws) -> Floats:
    """The harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN)."""
    return _average(draws.confusion, class_f1(draws.confusion))


def class_f1(confusion: Floats) -> Floats:
    """(b, k) F1 of each class; 0 where the class neither occurs nor is predicted."""
    hits = np.diagonal(confusion, axis1=1, axis2=2)
    return _ratio(2 * hits, confusion.sum(axis=1) + confusion.sum(axis=2))


def class_precision(confusion: Floats) -> Floats:
    """(b, k) precision of each class; 0 where it is never predicted."""
    return _precisions(confusion)


def class_recall(confusion: Floats) -> Floats:
    """(b, k) recall of each class; 0 where it does not occur."""
    return _recalls(confusion)[0]


def _precisions(confusion: Floats) -> Floats:
    return _ratio(np.diagonal(confusion, axis1=1, axis2=2), confusion.sum(axis=1))


def _recalls(confusion: Floats) -> tuple[Floats, Floats]:
    support = confusion.sum(axis=2)
    return _ratio(np.diagonal(confusion, axis1=1, axis2=2), support), (support > 0).astype(np.float64)


def _average(confusion: Floats, per_class: Floats) -> Floats:
    support = confusion.sum(axis=2)
    if confusion.shape[1] == 2:
        # Without a positive row nothing about the positive class can be told, whatever scikit-learn fills in.
        return np.where(support[:, 1] > 0, per_class[:, 1], np.nan)
    present = (support + confusion.sum(axis=1)) > 0
    return np.asarray((per_class * present).sum(axis=1) / present.sum(axis=1))


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.zeros_like(below), where=below > 0)
