"""Whether rows that are new to the model are those that it errs on.

A domain classifier (`joint`) says of each labelled row of the window how surely it is none of the reference's; that is
held against the rows' losses by Spearman's rank correlation. Where they agree, the drift costs performance, and the
rows that are high in both show what the model has to learn; where they do not, drift and loss have different causes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from millwright.core.errors import MissingExtraError
from millwright.core.ids import PredictionId
from millwright.evaluation.metrics.sample import Codes, Floats
from millwright.models.encoder import Encoder
from millwright.monitoring.column_table import gathered
from millwright.monitoring.monitored_column import without_dates
from millwright.monitoring.repeated_row import effective_rows, first_copies, first_equals
from millwright.monitoring.second_model import SEED, predict_held_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.models.signature import Signature
    from millwright.monitoring.column_table import ColumnView, Table
    from millwright.monitoring.row_loss import RowLosses

_FEWEST, _MOST = 100, 2_000  # labelled rows of the window; as many of the reference
_SURE = 0.01


@dataclass(frozen=True, kw_only=True, slots=True)
class Novelty:
    """Novelty and loss of the same rows.

    Attributes:
        correlation: Spearman's, -1 to 1.
        p_value: One-sided: that it is above 0 (normal, with 1 / √(n - 1) as its deviation, n being the number of rows
            that tell as much where some stand more than once, `repeated_row`).
        agrees: Whether it is above 0, and surely so.
        rows: Labelled rows that were looked at.
        examples: Rows that are high in both, by the sum of their ranks; of rows with the same features one.
    """

    correlation: float
    p_value: float
    agrees: bool
    rows: int
    examples: tuple[PredictionId, ...]


def compare_novelty(
    reference: pl.DataFrame,
    current: Table,
    losses: RowLosses,
    ids: Sequence[PredictionId] | pl.Series | ColumnView,
    signature: Signature,
    *,
    examples: int = 5,
) -> Novelty | None:
    """Hold novelty against loss.

    Args:
        reference: Conformed rows of the reference.
        current: m conformed rows of the window.
        losses: Of its labelled rows.
        ids: Its m predictions.
        signature: Of the version; tensors and dates are left out.
        examples: How many rows to name.

    Returns:
        None with fewer than 100 labelled rows or reference rows, losses that are all the same, no column to tell by, or
        without scikit-learn.
    """
    if min(losses.rows.size, reference.height) < _FEWEST or np.ptp(losses.values) == 0:
        return None
    generator = np.random.default_rng(SEED)
    chosen = np.arange(losses.rows.size)
    if chosen.size > _MOST:
        chosen = np.sort(generator.choice(chosen.size, _MOST, replace=False))
    rows, values = losses.rows[chosen], losses.values[chosen]
    known = reference if reference.height <= _MOST else reference.sample(_MOST, seed=SEED)
    window = _told(known, gathered(current, rows), signature)
    if window is None or np.ptp(window.told) == 0:
        return None
    ranks = _ranks(window.told), _ranks(values)
    correlation = float(np.corrcoef(*ranks)[0, 1])
    p_value = 0.5 * math.erfc(correlation * math.sqrt(max(0.0, window.effective_rows - 1) / 2))
    order = np.argsort(-(ranks[0] + ranks[1]), kind="stable")
    _, firsts = np.unique(window.copies[order], return_index=True)  # a row that was sent again shows nothing more
    best = order[np.sort(firsts)[:examples]]
    return Novelty(
        correlation=correlation,
        p_value=p_value,
        agrees=correlation > 0 and p_value < _SURE,
        rows=rows.size,
        examples=tuple(ids[int(rows[row])] for row in best),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Told:
    """What is said of the window's m rows.

    Attributes:
        told: (m,) how surely each is none of the reference's, 0 to 1.
        effective_rows: How many distinct rows tell as much.
        copies: (m,) the same number for rows with the same features.
    """

    told: Floats
    effective_rows: float
    copies: Codes


def _told(reference: pl.DataFrame, current: pl.DataFrame, signature: Signature) -> _Told | None:
    """Asks models that were fitted neither to a row nor to a copy of it."""
    watched = without_dates(signature)
    if not watched.inputs:
        return None
    names = [column.name for column in watched.inputs]
    together = pl.concat([reference.select(names), current.select(names)])
    encoder = Encoder.fit(together, watched)
    is_current = np.repeat([0.0, 1.0], [reference.height, current.height])
    matrix = encoder.encode(together, watched)
    firsts = first_equals(matrix, reference.height)
    try:
        told = predict_held_out(matrix, is_current, encoder.category_indexes, is_class=True, firsts=firsts)
    except MissingExtraError:
        return None
    return _Told(
        told=told[reference.height :],
        effective_rows=effective_rows(firsts[reference.height :]),
        copies=first_copies(matrix[reference.height :]),
    )


def _ranks(values: Floats) -> Floats:
    """(n,) 1 to n; equal values share the mean of theirs."""
    _, group, sizes = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(sizes) - (sizes - 1) / 2)[group], dtype=np.float64)
