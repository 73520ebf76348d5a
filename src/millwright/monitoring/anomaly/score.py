"""How odd a row is, learned from rows that are not.

- `IsolationForest`: how few random cuts set a row apart (Liu, Ting and Zhou, Isolation forest, ICDM 2008), of
  scikit-learn, on one thread. It sees odd combinations as well.
- `TailScore`: how far out each value is among the reference's, as the sum of the negative logarithms of the smaller of
  both tails (the two-sided score of Li and others, ECOD, IEEE TKDE 35, 2023). Beyond the outermost value seen, every
  robust standard deviation adds one: empirical tails tell nothing there, and neither do the forest's cuts. It needs
  NumPy alone, and sees odd values only.

A row is as odd as the odder of both calls it, each in units of its own limit.

Notation: n rows, c encoded columns (`models.encoder`), NaN where a number is missing.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from millwright.monitoring.second_model import SEED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.evaluation.metrics.sample import Floats

_TREES = 100  # as in the paper: path lengths converge well before
_ROWS_PER_TREE = 256  # likewise
_SMALLEST = 1e-9  # a limit of 0, where all rows are the same, can be no unit
_IQR = 1.349  # of a normal distribution the quartiles are so many standard deviations apart


class RowScore(Protocol):
    """What tells how odd rows are."""

    name: str

    def score(self, matrix: Floats) -> Floats:
        """(n,) for (n, c): the larger, the odder."""
        ...


class JointScore:
    """The largest of several scores, each in units of its limit: what is above 1 is odd.

    Args:
        learned: (n, c) rows of the reference to learn from.
        held_out: (h, c) others, which set the limits: at most a share of `expected` of them is above 1.
        categories: Which columns are codes.
        expected: Above 0 and below 1.
    """

    def __init__(self, learned: Floats, held_out: Floats, categories: Sequence[int], *, expected: float) -> None:
        self._scores: list[RowScore] = [TailScore(learned, categories)]
        with suppress(ImportError):
            self._scores.insert(0, IsolationForest(learned, categories))
        quantile = 1 - expected / len(self._scores)
        self._limits = [
            max(float(np.quantile(each.score(held_out), quantile, method="higher")), _SMALLEST) for each in self._scores
        ]
        self.name = " and ".join(each.name for each in self._scores)

    def score(self, matrix: Floats) -> Floats:
        """(n,) ≥ 0 for (n, c)."""
        found = [each.score(matrix) / limit for each, limit in zip(self._scores, self._limits, strict=True)]
        return np.asarray(np.max(found, axis=0), dtype=np.float64)


class IsolationForest:
    """An isolation forest.

    Codes of categories have no order, so each is replaced by how rare it is; a missing number by the median, with a
    column beside it that says so.

    Args:
        matrix: (n, c) rows of the reference.
        categories: Which columns are codes.

    Raises:
        ImportError: scikit-learn is not installed.
    """

    name = "isolation forest"

    def __init__(self, matrix: Floats, categories: Sequence[int]) -> None:
        from sklearn.ensemble import IsolationForest as Forest
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

        self._alone: Any = threadpool_limits
        self._rarity = _Rarity(matrix, categories)
        self._has_missing = np.isnan(matrix).any(axis=0)
        self._middle = _medians(matrix)
        rows = min(_ROWS_PER_TREE, len(matrix))
        self._forest = Forest(n_estimators=_TREES, max_samples=rows, n_jobs=1, random_state=SEED)
        with self._alone(1, user_api="openmp"):
            self._forest.fit(self._prepared(matrix))

    def score(self, matrix: Floats) -> Floats:
        """(n,) 0 to 1, about 0.5 where nothing is odd."""
        with self._alone(1, user_api="openmp"):
            return np.asarray(-self._forest.score_samples(self._prepared(matrix)), dtype=np.float64)

    def _prepared(self, matrix: Floats) -> Floats:
        missing = np.isnan(matrix)
        filled = np.where(missing, self._middle, self._rarity.of(matrix))
        return np.column_stack([filled, missing[:, self._has_missing]])


class TailScore:
    """The tails of the columns, added up.

    A missing number is as odd as missing numbers are rare in the reference, and a category likewise.

    Args:
        matrix: (n, c) rows of the reference, n ≥ 1.
        categories: Which columns are codes.
    """

    name = "tails"

    def __init__(self, matrix: Floats, categories: Sequence[int]) -> None:
        self._rows = len(matrix)
        self._rarity = _Rarity(matrix, categories)
        self._codes = frozenset(categories)
        self._present = [np.sort(column[~np.isnan(column)]) for column in matrix.T]

    def score(self, matrix: Floats) -> Floats:
        """(n,) ≥ 0."""
        return np.asarray(self.parts(matrix).sum(axis=1), dtype=np.float64)

    def parts(self, matrix: Floats) -> Floats:
        """(n, c) what each column adds, ≥ 0."""
        rarity = self._rarity.of(matrix)
        found = np.empty(matrix.shape)
        for index, known in enumerate(self._present):
            column = matrix[:, index]
            if index in self._codes:
                found[:, index] = rarity[:, index]
                continue
            below = np.searchsorted(known, column, side="right")  # with equal ones: ties count on both sides
            above = known.size - np.searchsorted(known, column, side="left")
            tail = np.minimum(1.0, (np.minimum(below, above) + 1) / (known.size + 1))
            absent = (self._rows - known.size + 1) / (self._rows + 1)
            found[:, index] = -np.log(np.where(np.isnan(column), absent, tail)) + _beyond(column, known)
        return found


class _Rarity:
    """Codes of categories as the negative logarithm of their share, counted with one row more than were seen."""

    def __init__(self, matrix: Floats, categories: Sequence[int]) -> None:
        self._tables: dict[int, tuple[Floats, Floats]] = {}
        for index in categories:
            codes, counts = np.unique(matrix[:, index], return_counts=True)
            self._tables[index] = codes, -np.log((counts + 1) / (len(matrix) + 1))
        self._new = float(np.log(len(matrix) + 1))

    def of(self, matrix: Floats) -> Floats:
        """A copy of (n, c)."""
        found = np.array(matrix, dtype=np.float64)
        for index, (codes, rarity) in self._tables.items():
            place = np.minimum(np.searchsorted(codes, found[:, index]), codes.size - 1)
            known = codes[place] == found[:, index]
            found[:, index] = np.where(known, rarity[place], self._new)
        return found


def _beyond(column: Floats, known: Floats) -> Floats:
    """(n,) how far beyond the outermost known value, in robust standard deviations; 0 within, and where missing."""
    if not known.size:
        return np.zeros(column.size)
    low, high = known[0], known[-1]
    quartiles = np.quantile(known, [0.25, 0.75])
    unit = float(quartiles[1] - quartiles[0]) / _IQR or float(known.std()) or max(abs(float(low)), 1.0)
    beyond = np.maximum(low - column, column - high).clip(0) / unit
    return np.asarray(np.nan_to_num(beyond), dtype=np.float64)


def _medians(matrix: Floats) -> Floats:
    """(c,) of the present values; 0 where there are none."""
    return np.array([np.median(kept) if (kept := column[~np.isnan(column)]).size else 0.0 for column in matrix.T])
