"""A table of a million rows of 20 columns, and 1 % changes of it."""

from __future__ import annotations

import numpy as np
import polars as pl

ROWS, NUMBERS, TEXTS = 1_000_000, 14, 5
CHANGED = ROWS // 100


def table(rows: int = ROWS) -> pl.DataFrame:
    """`id` (Int64, in order), n0 … n13 (Float64, some of them beyond ±4), t0 … t4 (String of 1,000 words each)."""
    random = np.random.default_rng(7)
    columns: dict[str, pl.Series] = {"id": pl.Series("id", np.arange(rows))}
    columns |= {f"n{number}": pl.Series(f"n{number}", random.normal(size=rows)) for number in range(NUMBERS)}
    words = pl.Series([f"word-{number:04d}" for number in range(1000)])
    for number in range(TEXTS):
        columns[f"t{number}"] = words.gather(random.integers(0, len(words), rows)).alias(f"t{number}")
    return pl.DataFrame(columns)


def change(whole: pl.DataFrame, kind: str, round_number: int) -> pl.DataFrame:
    """What is written next: a hundredth of the table's rows, other numbers in them.

    Args:
        whole: The table.
        kind: `append` (new keys), `clustered` (neighbouring keys), `scattered` (keys all over).
        round_number: Another change for each.
    """
    random = np.random.default_rng(100 + round_number)
    if kind == "append":
        found = whole.head(CHANGED).with_columns(id=pl.col("id") + whole.height + round_number * CHANGED)
    elif kind == "clustered":
        found = whole.slice(int(random.integers(0, whole.height - CHANGED)), CHANGED)
    else:
        found = whole[np.sort(random.choice(whole.height, CHANGED, replace=False))]
    return found.with_columns(n0=pl.Series(random.normal(size=found.height)))
