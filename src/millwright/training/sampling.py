"""Chooses rows when there are more than the work is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.int64]


def choose_rows(
    count: int,
    *,
    seed: int,
    classes: NDArray[Any] | None = None,
    groups: NDArray[Any] | None = None,
    total: int,
) -> Rows:
    """About `count` of `total` rows, in ascending order.

    With groups, whole groups in random order for as long as they fit (at least one). Else with classes, each class
    keeps its share, and at least three rows when it has them (which may make a few rows more). Else at random.

    Args:
        count: Rows wanted; all when there are no more.
        seed: Of the random order.
        classes: Class code of each row, shape (total,).
        groups: Group code of each row, shape (total,).
        total: Rows there are.
    """
    if total <= count:
        return np.arange(total)
    random = np.random.default_rng(seed)
    if groups is not None:
        return _whole_groups(count, groups, random)
    order = random.permutation(total)
    if classes is None:
        return np.sort(order[:count])
    parts = []
    for code in np.unique(classes):
        rows = order[classes[order] == code]
        parts.append(rows[: max(min(len(rows), 3), int(count * len(rows) / total))])
    return np.sort(np.concatenate(parts))


def _whole_groups(count: int, groups: NDArray[Any], random: np.random.Generator) -> Rows:
    codes, sizes = np.unique(groups, return_counts=True)
    order = random.permutation(len(codes))
    fitting = max(int(np.searchsorted(np.cumsum(sizes[order]), count, side="right")), 1)
    return np.flatnonzero(np.isin(groups, codes[order[:fitting]]))
