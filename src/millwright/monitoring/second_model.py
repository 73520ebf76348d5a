"""Small models that monitoring fits to learn something of the first: where it errs, which rows are new to it.

Gradient boosting on histograms, seeded, on one thread: on a machine that is busy serving, OpenMP's threads wait for one
another many times longer than they work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.core.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from millwright.evaluation.metrics.sample import Codes, Floats

FOLDS = 5
SEED = 20_261_122  # fixed, so that a report can be computed again
_ROUNDS, _LEAVES = 50, 15


class SecondModel:
    """A model of a number, or of the probability of 1 where the target is 0 and 1.

    Args:
        matrix: (n, c) float, NaN where missing.
        target: (n,) float.
        categories: Which columns of the matrix are codes.
        is_class: Whether the target is 0 and 1.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """

    def __init__(self, matrix: Any, target: Floats, categories: Sequence[int], *, is_class: bool) -> None:
        try:
            from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
            from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]
        except ImportError as error:
            raise MissingExtraError("scikit-learn", "sklearn") from error
        kind = HistGradientBoostingClassifier if is_class else HistGradientBoostingRegressor
        self._model = kind(
            max_iter=_ROUNDS,
            max_leaf_nodes=_LEAVES,
            early_stopping=False,
            categorical_features=list(categories),
            random_state=SEED,
        )
        self._is_class = is_class
        self._alone = threadpool_limits
        with self._alone(1, user_api="openmp"):
            self._model.fit(matrix, target)

    def predict(self, matrix: Any) -> Floats:
        """(m,) float64 for rows of (m, c)."""
        with self._alone(1, user_api="openmp"):
            found = self._model.predict_proba(matrix)[:, 1] if self._is_class else self._model.predict(matrix)
        return np.asarray(found, dtype=np.float64)


def predict_held_out(
    matrix: Any, target: Floats, categories: Sequence[int], *, is_class: bool, firsts: Codes | None = None
) -> Floats:
    """For each row what a model says of it that was not fitted to it; five folds, drawn.

    Args:
        matrix: As for `SecondModel`.
        target: Likewise, n ≥ `FOLDS`.
        categories: Likewise.
        is_class: Likewise.
        firsts: As for `iter_held_out`.

    Returns:
        (n,) float64; the target's mean where all rows belong together.
    """
    told = np.full(target.size, target.mean())
    for rows, found in iter_held_out(matrix, target, categories, is_class=is_class, firsts=firsts):
        told[rows] = found
    return told


def iter_held_out(
    matrix: Any,
    target: Floats,
    categories: Sequence[int],
    *,
    is_class: bool,
    firsts: Codes | None = None,
) -> Iterator[tuple[Codes, Floats]]:
    """The same fold by fold, for callers to whom fewer may be enough; each one costs a model.

    Args:
        matrix: As for `predict_held_out`.
        target: Likewise.
        categories: Likewise.
        is_class: Likewise.
        firsts: (n,) for each row the number of the first one that it belongs with, its own where that is itself
            (`repeated_row`): they lie in one fold, drawn for the first of them. None where each row is by itself.

    Yields:
        (f,) numbers of the rows of a fold, drawn from all, and what is said of them. Folds without rows, or of all
        rows, are left out.
    """
    fold: Codes = np.random.default_rng(SEED).permutation(target.size) % FOLDS
    if firsts is not None:
        fold = fold[firsts]
    for number in range(FOLDS):
        inside = fold == number
        if inside.all() or not inside.any():
            continue
        model = SecondModel(matrix[~inside], target[~inside], categories, is_class=is_class)
        yield np.flatnonzero(inside), model.predict(matrix[inside])
