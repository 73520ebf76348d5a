"""Two tables of 15 numbers and 5 categories, and scores of a classifier with its labels, as Parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SIDES = ("reference", "current")
NUMBERS = tuple(f"number_{index}" for index in range(15))
CATEGORIES = tuple(f"category_{index}" for index in range(5))
_LEVELS = (5, 12, 50, 200, 1000)
_MISSING = 0.02
_SHIFT = 0.3  # standard deviations by which the last numbers have moved


def make(folder: Path, rows: int) -> None:
    """Write `reference.parquet`, `current.parquet` and, of as many rows, `scores_reference` and `scores_current`."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, side in enumerate(SIDES):
        generator = np.random.default_rng(seed)
        moved = side == "current"
        columns = [_numbers(name, index, rows, generator, moved=moved) for index, name in enumerate(NUMBERS)]
        columns += [
            _categories(name, levels, rows, generator) for name, levels in zip(CATEGORIES, _LEVELS, strict=True)
        ]
        pl.DataFrame(columns).write_parquet(folder / f"{side}.parquet", compression="zstd")
        _scores(rows, generator).write_parquet(folder / f"scores_{side}.parquet", compression="zstd")


def _numbers(name: str, index: int, rows: int, generator: np.random.Generator, *, moved: bool) -> pl.Series:
    """Bell-shaped, long-tailed, whole and mostly zero ones in turn; two with gaps, and three that have moved."""
    kinds: list[NDArray[np.float64]] = [
        generator.normal(0, 1, rows),
        generator.lognormal(0, 1, rows),
        generator.poisson(20, rows).astype(np.float64),
        generator.exponential(1, rows) * (generator.random(rows) < 0.3),
    ]
    values = kinds[index % len(kinds)]
    if moved and index >= len(NUMBERS) - 3:
        values = values + _SHIFT * values.std()
    if index < 2:
        values[generator.random(rows) < _MISSING] = np.nan
    return pl.Series(name, values).fill_nan(None)


def _categories(name: str, levels: int, rows: int, generator: np.random.Generator) -> pl.Series:
    known = pl.Series([f"level {level}" for level in range(levels)])
    return known[np.minimum(generator.geometric(3 / levels, rows) - 1, levels - 1)].alias(name)


def _scores(rows: int, generator: np.random.Generator) -> pl.DataFrame:
    """Probabilities that mean what they say, what is answered at a half, and labels drawn from them."""
    score = generator.beta(1.2, 2.0, rows)
    return pl.DataFrame(
        {"score": score, "answer": (score >= 0.5).astype(np.int64), "label": (generator.random(rows) < score) * 1}
    )
