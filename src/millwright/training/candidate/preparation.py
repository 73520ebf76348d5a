"""The preparation that candidates put in front of their estimators, inside the same Pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from millwright.training.candidate.candidate import Setting


def prepared(estimator: Any, setting: Setting, *, scale: bool) -> Any:
    """A Pipeline: numbers imputed (and scaled), categories one-hot, then the estimator.

    Numbers that are missing become the median of the rows fitted on; whether one was missing is a column of its own
    that the encoder made. Codes of categories that the rows fitted on don't hold become all zeros.

    Args:
        estimator: Unfitted.
        setting: Which columns are which.
        scale: Bring numbers to mean 0 and variance 1. Not for trees, which don't need it: their thresholds would
            then lie between rounded numbers, and a compiled model could fall on the other side.
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    steps = [("impute", SimpleImputer(strategy="median", keep_empty_features=True))]
    if scale:
        steps.append(("scale", StandardScaler()))
    parts = []
    if setting.numbers:
        parts.append(("numbers", Pipeline(steps), list(setting.numbers)))
    if setting.categories:
        encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False, dtype=np.float32)
        parts.append(("categories", encoder, list(setting.categories)))
    return Pipeline([("prepare", ColumnTransformer(parts, sparse_threshold=0)), ("model", estimator)])


def unprepared(estimator: Any) -> Any:
    """A Pipeline of the estimator alone, for those that take missing numbers and codes as they are."""
    from sklearn.pipeline import Pipeline

    return Pipeline([("model", estimator)])
