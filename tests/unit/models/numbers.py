"""Numeric rows and targets that depend on them, for models of libraries that take numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROWS = 600


def numeric_rows(*, nulls: bool = True) -> pl.DataFrame:
    """A name with a space, numbers with nulls, whole numbers, booleans; values that float32 holds exactly."""
    random = np.random.default_rng(5)
    amount = random.normal(size=ROWS).astype(np.float32).astype(float)
    empty = random.random(ROWS) < 0.1
    return pl.DataFrame(
        {
            "planned days": [None if nulls and gone else value for value, gone in zip(amount, empty, strict=True)],
            "share": random.random(ROWS).astype(np.float32).astype(float),
            "floors": random.integers(0, 40, ROWS),
            "late": random.random(ROWS) < 0.4,
        }
    )


def matrix_of(rows: pl.DataFrame) -> NDArray[np.float32]:
    """As a user's own script would hand them to a library."""
    return rows.cast(pl.Float64).fill_null(float("nan")).to_numpy().astype(np.float32)


def goal(rows: pl.DataFrame, kind: str) -> NDArray[Any]:
    """A target of two or three classes, or of numbers."""
    base = rows["planned days"].fill_null(0).to_numpy() + np.sin(rows["floors"].to_numpy())
    base = base + rows["share"].to_numpy() * rows["late"].to_numpy()
    if kind == "two":
        return (base > 0).astype(int)
    return np.digitize(base, [-0.5, 0.7]) if kind == "three" else base * 100
