"""What people type: a few rows that no contract should let through."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.random import Generator

# Kind of mistake → rows that have it, in a table of at least a hundred times as many.
ROWS = MappingProxyType(
    {
        "planned end is no date": 8,
        "actual end before start": 6,
        "crew load in percent": 5,
        "row entered twice": 6,
    }
)
_NO_DATES = ("tbc", "2024-02-31", "n/a", "see note")


def soil(rng: Generator, frame: pl.DataFrame) -> pl.DataFrame:
    """The table with mistakes in it; no row has two of them.

    Args:
        rng: Which rows.
        frame: A snapshot; at least a thousand rows, or it stays clean.

    Returns:
        As many rows and those entered twice, which follow each other and differ in their budget.
    """
    if frame.height < 1_000:  # tests with small programmes want no surprise
        return frame
    complete = np.flatnonzero((frame["status"] == "complete").to_numpy())
    drawn = rng.choice(complete, sum(ROWS.values()), replace=False)
    no_date, ends_early, percent, twice = np.split(drawn, np.cumsum(list(ROWS.values()))[:-1])
    row = pl.int_range(pl.len())
    early = pl.col("start").str.to_date().dt.offset_by("-9d").dt.to_string("%Y-%m-%d")
    texts = pl.lit(pl.Series(_NO_DATES)).gather(row % len(_NO_DATES))
    soiled = frame.with_columns(
        pl.when(_among(row, no_date)).then(texts).otherwise("planned_end").alias("planned_end"),
        pl.when(_among(row, ends_early)).then(early).otherwise("actual_end").alias("actual_end"),
        pl.when(_among(row, percent)).then(pl.lit(93.0)).otherwise("crew_load").alias("crew_load"),
    )
    again = soiled[np.sort(twice)].with_columns((pl.col("budget") * 1.1).round())
    return pl.concat([soiled, again]).sort("activity_id", maintain_order=True)


def _among(row: pl.Expr, positions: np.ndarray) -> pl.Expr:
    return row.is_in(pl.lit(pl.Series(positions)).implode())
