"""The folds of a cross-validation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Folds:
    """Pairs of (rows to fit on, rows to judge by); each row is judged once.

    Attributes:
        scheme: For the record: `stratified`, `stratified groups`, `groups` or `random`.
        note: Why there are fewer folds than asked; empty when there aren't.
    """

    pairs: tuple[tuple[Rows, Rows], ...]
    scheme: str
    note: str = ""


def plan_folds(
    goal: NDArray[Any], *, folds: int, seed: int, is_classification: bool, groups: NDArray[Any] | None = None
) -> Folds:
    """Folds over rows.

    Classes keep their shares in each fold; equal groups stay on one side. There are never more folds than rows of the
    rarest class, nor than groups.

    Args:
        goal: Class codes or numbers, shape (n,).
        folds: Wanted, 2 or more.
        seed: Of the shuffling.
        is_classification: What `goal` holds.
        groups: Group codes, shape (n,).

    Raises:
        InvalidInputError: There are fewer than two groups.
    """
    from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold

    most, why = folds, ""
    if is_classification:
        rarest = int(np.bincount(goal).min())
        if rarest < most:
            most, why = max(rarest, 2), f"the rarest class has {rarest} rows"
    if groups is not None:
        different = len(np.unique(groups))
        if different < 2:
            raise InvalidInputError(
                "Cross-validation by groups needs at least two groups, found one.",
                hint="Choose another group column, or none.",
            )
        if different < most:
            most, why = different, f"there are {different} groups"
    note = f"{most} folds instead of {folds}: {why}" if most < folds else ""
    if groups is not None:
        splitter = StratifiedGroupKFold if is_classification else GroupKFold
        scheme = "stratified groups" if is_classification else "groups"
    else:
        splitter = StratifiedKFold if is_classification else KFold
        scheme = "stratified" if is_classification else "random"
    planned = splitter(n_splits=most, shuffle=True, random_state=seed).split(goal.reshape(-1, 1), goal, groups)
    return Folds(pairs=tuple(planned), scheme=scheme, note=note)
