"""Rows that stand in a table more than once, and what that does to models that are asked about rows they do not know.

A request that was sent twice tells nothing new, but a model that was fitted to one copy of a row knows the other: equal
rows therefore lie in the same fold (`second_model`), and count as the number of rows that tell as much (Kish, Survey
sampling, 1965), by which one row in a hundred copies is no evidence of a hundred rows. Features of which there are few
combinations repeat by themselves: where there are ten rows or more of each, on average, equal rows are rows like any
others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from millwright.evaluation.metrics.sample import Codes

_REPEATS = 10  # rows of the reference per distinct one, from which on they are repeated by nature


def first_equals(matrix: NDArray[Any], reference: int | None = None) -> Codes:
    """For each row the number of the first that equals it, as NaN does NaN; its own where rows repeat by nature.

    Args:
        matrix: (n, c) float, c ≥ 1.
        reference: How many of the rows, the first ones, say whether rows repeat by nature; all when None.
    """
    firsts = first_copies(matrix)
    known = firsts[:reference]
    return np.arange(len(matrix)) if np.unique(known).size * _REPEATS <= known.size else firsts


def first_copies(matrix: NDArray[Any]) -> Codes:
    """For each row the number of the first that equals it, as NaN does NaN, whether or not rows repeat by nature.

    Args:
        matrix: (n, c) float, c ≥ 1.
    """
    plain = np.ascontiguousarray(np.where(np.isnan(matrix), np.nan, matrix) + 0.0)  # one NaN, and no -0.0
    whole = plain.view(np.dtype((np.void, plain.dtype.itemsize * plain.shape[1]))).ravel()
    _, first, equals = np.unique(whole, return_index=True, return_inverse=True)
    firsts: Codes = first[equals]
    return firsts


def effective_rows(firsts: Codes) -> float:
    """How many distinct rows tell as much as these, of which equal ones tell the same (Kish); 0 of none.

    Args:
        firsts: (n,) as `first_equals` tells them.
    """
    sizes = np.unique(firsts, return_counts=True)[1]
    return float(firsts.size**2 / max(1, (sizes**2).sum()))
