"""Labels that name an entity and a time, joined to the predictions that they are the outcome of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from datetime import timedelta


def nearest_after(labels: pl.DataFrame, predictions: pl.DataFrame, within: timedelta) -> pl.DataFrame:
    """For each prediction the nearest label of its key at or after it.

    A label is the outcome of every prediction under its key that has no earlier one, and whose time lies at most
    `within` before it: of a building that is asked about every week, one outcome may answer several questions.

    Args:
        labels: `key`, `observed_at` (Datetime, UTC) and `row` (the label's number); of equal times the last row counts.
        predictions: `key`, `at` (Datetime, UTC) and any other columns.
        within: The tolerance, inclusive, > 0.

    Returns:
        The predictions that have a label, with its `row`, in order of time.
    """
    known = labels.sort("observed_at", "row").unique(["key", "observed_at"], keep="last", maintain_order=True)
    joined = predictions.sort("at").join_asof(
        known.sort("observed_at"),
        left_on="at",
        right_on="observed_at",
        by="key",
        strategy="forward",
        tolerance=within,
        check_sortedness=False,  # Polars cannot see it within groups; both sides were sorted above
    )
    return joined.filter(pl.col("row").is_not_null())
