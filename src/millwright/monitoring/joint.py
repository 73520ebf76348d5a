"""Drift of all features together: can a classifier tell a row of the window from one of the reference?

Each feature by itself may be distributed as it was while their combinations are new: large projects that used to be
long are short. A gradient boosting is asked, for rows that it was not fitted to, which of the two they are from; the
area under its ROC curve is 0.5 when there is nothing to tell and 1 when every row gives itself away. Sources: Lopez-Paz
and Oquab, Revisiting classifier two-sample tests, 2017; Rabanser, Günnemann and Lipton, Failing loudly, 2019.

A fifth of the rows is asked about after the other, each by a model of its own, until it is clear on which side of the
limit the area lies: windows that did not change take one model in place of five. An area at the limit is taken for one
beyond it, or the reverse, in one case of a thousand at each of the looks; one of 0.5 by far more rarely.

A request that was sent twice is no drift: equal rows lie in the same fold, and the error of the area counts each side's
rows as its effective number (`repeated_row`). Where the reference's rows repeat by nature, equal rows are rows like any
others, and a combination that became more frequent, or is new, is found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from millwright.core.errors import InvalidInputError, MissingExtraError
from millwright.models.encoder import Encoder
from millwright.monitoring.monitored_column import without_dates
from millwright.monitoring.repeated_row import effective_rows, first_equals
from millwright.monitoring.second_model import FOLDS, SEED, iter_held_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from millwright.evaluation.metrics.sample import Floats
    from millwright.models.signature import Signature
    from millwright.monitoring.column_table import Table

_CONFIDENT = 2.576  # standard errors: 99 %
_CLEAR = 3.291  # likewise, 99.9 %
_ENOUGH = 30  # rows of each side: of fewer an area of 1, which has no error, may be chance; theirs is that of 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class JointSettings:
    """When the features count as drifted together.

    Attributes:
        enabled: Whether it is looked at: a tenth of a second of a processor, half a second near the limit.
        max_auc: Tolerated area under the classifier's ROC curve, 0.5 to 1: at 0.6 a row of the window is taken for one
            in three cases of five.
        min_rows: With fewer rows of the window nothing is decided.
        sample: At most so many rows of each side are looked at.

    Raises:
        InvalidInputError: A number outside its range.
    """

    enabled: bool = True
    max_auc: float = 0.6
    min_rows: int = 200
    sample: int = 5_000

    def __post_init__(self) -> None:
        if not 0.5 <= self.max_auc <= 1:
            raise InvalidInputError(f"Expected a tolerated area between 0.5 and 1, found {self.max_auc}.")
        if self.min_rows < 2 * FOLDS or self.sample < self.min_rows:
            raise InvalidInputError(
                f"Expected at least {2 * FOLDS} rows for a joint comparison, and a sample of at least as many, "
                f"found {self.min_rows} and {self.sample}."
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class JointDrift:
    """How well the window can be told from the reference.

    Attributes:
        auc: Area under the classifier's ROC curve on rows that it was not fitted to, 0 to 1; near 0.5 it tells nothing.
            Of as many fifths of the rows as made it clear on which side of the limit it is.
        interval: Its 99 % interval (Hanley and McNeil, 1982).
        limit: What is tolerated.
        drifted: Whether the area is above the limit and its interval above 0.5.
        rows: Rows of the reference and of the window that were looked at.
    """

    auc: float
    interval: tuple[float, float]
    limit: float
    drifted: bool
    rows: tuple[int, int]


def compare_joint(
    reference: pl.DataFrame, current: Table, signature: Signature, settings: JointSettings | None = None
) -> JointDrift | None:
    """Tell a window from the reference by all of its features.

    Args:
        reference: Conformed rows of the reference (`models.conform`).
        current: The same of the window.
        signature: Of the version.
        settings: How to decide.

    Returns:
        None when it is switched off, a side has too few rows, scikit-learn is not installed, or no feature is left:
        dates are left out, by which any window could be told.
    """
    chosen, signature = settings or JointSettings(), without_dates(signature)
    if not chosen.enabled or min(reference.height, current.height) < chosen.min_rows or not signature.inputs:
        return None
    sides = [_sampled(reference, chosen.sample), _sampled(current, chosen.sample)]
    together = pl.concat(sides)
    try:
        encoder = Encoder.fit(together, signature)
        matrix = encoder.encode(together, signature)
        rows = (sides[0].height, sides[1].height)
        return tell_apart(matrix, rows, encoder.category_indexes, limit=chosen.max_auc)
    except MissingExtraError:
        return None


def tell_apart(matrix: NDArray[Any], rows: tuple[int, int], categories: Sequence[int], *, limit: float) -> JointDrift:
    """Tell rows of a window from those of a reference by a matrix of both.

    Args:
        matrix: (n + m, c) float, NaN where missing: the reference's n rows, then the window's m.
        rows: n and m, together at least five.
        categories: Which columns are codes.
        limit: What is tolerated of the area, 0.5 to 1.

    Returns:
        Of rows that are copies of few others the interval is wide: where all of the window are one row they are not
        told from the reference by this, whatever they are; each column shows that by itself.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    is_current = np.repeat([0.0, 1.0], rows)
    firsts = first_equals(matrix, rows[0])
    asked, told = np.empty(0, dtype=np.int64), np.empty(0)
    auc, error = 0.5, 0.5
    for numbers, found in iter_held_out(matrix, is_current, categories, is_class=True, firsts=firsts):
        asked, told = np.concatenate([asked, numbers]), np.concatenate([told, found])
        if np.unique(is_current[asked]).size < 2:
            continue  # of so few rows a fold may hold one side alone
        auc = _area(told, is_current[asked])
        known, new = (effective_rows(firsts[asked[is_current[asked] == side]]) for side in (0, 1))
        enough = min(known, new) >= _ENOUGH
        error = _standard_error(auc if enough else 0.5, new, known)
        if enough and abs(auc - limit) > _CLEAR * error:
            break
    low, high = max(0.0, auc - _CONFIDENT * error), min(1.0, auc + _CONFIDENT * error)
    return JointDrift(auc=auc, interval=(low, high), limit=limit, drifted=auc > limit and low > 0.5, rows=rows)


def _sampled(table: Table, rows: int) -> pl.DataFrame:
    if table.height > rows:
        return table.sample(rows, seed=SEED)
    return table if isinstance(table, pl.DataFrame) else table.select(table.columns)


def _area(told: Floats, is_current: Floats) -> float:
    """The share of pairs in which the row of the window is taken for it more surely; ties count half."""
    _, group, sizes = np.unique(told, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(sizes) - (sizes - 1) / 2)[group]
    positives = float(is_current.sum())
    negatives = is_current.size - positives
    return float((ranks[is_current == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def _standard_error(auc: float, positives: float, negatives: float) -> float:
    """Of the area, after Hanley and McNeil, The meaning and use of the area under a ROC curve, 1982."""
    both_above, both_below = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = auc * (1 - auc) + (positives - 1) * (both_above - auc**2) + (negatives - 1) * (both_below - auc**2)
    return float(np.sqrt(max(0.0, variance) / (positives * negatives)))
