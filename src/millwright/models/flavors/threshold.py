"""Thresholds of histogram gradient boosting in single precision, without a changed answer."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np


def round_thresholds(pipeline: Any) -> Any:
    """A copy of a pipeline whose boosted trees split at float32 thresholds, and answer float32 rows as before.

    The trees keep float64 thresholds between float32 values. ONNX holds float32 thresholds, and the nearest one may
    lie on the other side of a value of the training rows, which then takes the other branch: answers differed by 0.02
    on one row in thirty. For a float32 x, `x ≤ t` is the same as `x ≤ t'`, with t' the largest float32 that is not
    above t; so the thresholds are rounded down.

    Args:
        pipeline: A fitted scikit-learn pipeline; one that ends in another estimator comes back as it is.
    """
    predictors = getattr(pipeline.steps[-1][1], "_predictors", None)
    if predictors is None:
        return pipeline
    copied = copy.deepcopy(pipeline)
    for iteration in copied.steps[-1][1]._predictors:  # noqa: SLF001 - skl2onnx reads the same attribute
        for tree in iteration:
            tree.nodes["num_threshold"] = round_down(tree.nodes["num_threshold"])
    return copied


def round_down(values: np.ndarray) -> np.ndarray:
    """The largest float32 values that are not above some float64 values, as float64; infinities stay.

    Args:
        values: (n,) float64, any but NaN.
    """
    with np.errstate(over="ignore", under="ignore"):
        nearest = values.astype(np.float32)
        below = np.nextafter(nearest, np.float32(-np.inf))
    return np.where(nearest > values, below, nearest).astype(np.float64)
