"""Checks a rebuilt estimator before it is used: the sizes that compiled code takes from arrays must agree.

The counterpart of `inspection` for what only shows once objects stand together: a tree's features against its
estimator's, a support vector machine's vectors against its counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.core.errors import UnsafeArtifactError

if TYPE_CHECKING:
    from collections.abc import Iterator


def check_soundness(estimator: Any, *, columns: int, classes: int) -> None:
    """Refuses an estimator whose parts don't fit one another.

    Args:
        estimator: A scikit-learn Pipeline, just rebuilt.
        columns: Encoded columns it must take.
        classes: Classes it must tell apart; 0 for regression.

    Raises:
        UnsafeArtifactError: It is no Pipeline, takes another number of columns or tells other classes apart, or a
            part has arrays of the wrong size.
    """
    from sklearn.pipeline import Pipeline

    if type(estimator) is not Pipeline:
        raise UnsafeArtifactError(f"Expected a scikit-learn Pipeline, found a {type(estimator).__name__}.")
    try:
        if estimator.n_features_in_ != columns:
            raise _refuse(f"it takes {estimator.n_features_in_} columns, the encoder gives {columns}")
        if classes and list(estimator.classes_) != list(range(classes)):
            raise _refuse(f"its classes are not 0 … {classes - 1}")
        for part in parts_of(estimator):
            _check_part(part)
    except (AttributeError, TypeError, ValueError, IndexError, KeyError) as error:
        raise _refuse(f"it is incomplete ({error})") from error


def _refuse(reason: str) -> UnsafeArtifactError:
    return UnsafeArtifactError(f"The package's estimator does not fit together: {reason}.")


def parts_of(root: Any) -> Iterator[Any]:
    """Every object of scikit-learn inside an estimator, itself first."""
    seen: set[int] = set()
    stack = [root]
    while stack:
        item = stack.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, (list, tuple)) or (isinstance(item, np.ndarray) and item.dtype == object):
            stack.extend(item)
        elif type(item).__module__.startswith("sklearn.") and hasattr(item, "__dict__"):
            yield item
            stack.extend(vars(item).values())


def _check_part(part: Any) -> None:
    state = vars(part)
    if "tree_" in state:
        tree = state["tree_"]
        if tree.n_features != part.n_features_in_:
            raise _refuse(f"a tree of {tree.n_features} features in an estimator of {part.n_features_in_}")
    if "_predictors" in state:
        for predictor in (tree for stage in state["_predictors"] for tree in stage):
            inner = predictor.nodes["is_leaf"] == 0
            feature = predictor.nodes["feature_idx"][inner]
            if feature.size and (feature.min() < 0 or feature.max() >= part.n_features_in_):
                raise _refuse("a boosted tree looks at a column that is not there")
    if "_n_support" in state:
        vectors, counts = part.support_vectors_, part._n_support  # noqa: SLF001 - what libsvm is given
        sizes = {len(vectors), len(part.support_), part._dual_coef_.shape[1]}
        if type(part).__name__ == "SVC":  # a regressor keeps its count once per imaginary class
            sizes.add(int(counts.sum()))
        if len(sizes) != 1 or vectors.shape[1] != part.n_features_in_ or counts.min() < 0:
            raise _refuse("a support vector machine whose counts don't agree")
