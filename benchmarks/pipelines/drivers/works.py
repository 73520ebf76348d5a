"""What every tool's steps do, and how a driver tells what came of it. Needs pandas and Python's own only."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

STEPS, ITEMS, LONG = 10, 1_000, 1_000
ROWS, COLUMNS = 1_000, 10
APART = 1_000  # between the numbers of two seeds: each step adds 1, and no run may find another's frame in a cache


def load(seed: int) -> pd.DataFrame:
    """The first step: a frame of 1,000 rows and 10 columns; no step of another seed gives any of this one's frames."""
    numbers = np.arange(ROWS * COLUMNS, dtype="float64").reshape(ROWS, COLUMNS) + APART * seed
    return pd.DataFrame(numbers, columns=[f"c{number}" for number in range(COLUMNS)])


def add(table: pd.DataFrame) -> pd.DataFrame:
    """Each of the nine others."""
    return table + 1.0


def square(number: int) -> int:
    """What is mapped over 1,000 items."""
    return number * number


def total(numbers: list[int]) -> int:
    """What gathers them."""
    return sum(numbers)


def bump(value: int) -> int:
    """Each of 1,000 steps in a row."""
    return value + 1


def checksum(table: pd.DataFrame) -> float:
    """What the last frame is told by."""
    return float(table.to_numpy().sum())


def expected(work: str, seed: int) -> float:
    """What the last step gives.

    Args:
        work: `chain` (its frame's checksum), `map` or `plan` (how many steps are known to be cached).
        seed: The pipeline's.
    """
    size = ROWS * COLUMNS
    if work == "chain":
        return float(size * (size - 1) / 2 + size * APART * seed + size * (STEPS - 1))
    return float(sum((seed + number) ** 2 for number in range(ITEMS))) if work == "map" else float(LONG)


def tell(engine_s: float, value: Any) -> None:
    """Print what a driver found: seconds from when everything was imported and up, and the result."""
    print("\nTOLD " + json.dumps({"engine": engine_s, "value": float(value)}), flush=True)
