"""Made tables with every kind of column."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from millwright.training.table import prepare

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.training.table import TrainingTable

KINDS = ("binary", "multiclass", "regression")


@pytest.fixture(scope="session")
def make_table() -> Callable[..., pl.DataFrame]:
    """Rows with signal, noise and awkward names; the target is `y`."""

    def make(rows: int = 150, *, kind: str = "binary", seed: int = 0) -> pl.DataFrame:
        random = np.random.default_rng(seed)
        frame = pl.DataFrame(
            {
                "size (m²)": random.normal(100, 30, rows),
                "__x": [None if missing else float(value) for missing, value in random.random((rows, 2)).round(3)],
                "a.b 'c' \"d\"": random.integers(0, 40, rows),
                "borough": random.choice(["Bronx", "Queens", "Brooklyn", "Ünder"], rows),
                "is_new": random.random(rows) > 0.5,
                "planned": [date(2025, 1, 1) + timedelta(days=int(day)) for day in random.integers(0, 300, rows)],
            }
        ).with_columns(
            pl.Series("__x", np.where(random.random(rows) < 0.2, np.nan, random.normal(size=rows))).fill_nan(None)
        )
        score = (
            (frame["size (m²)"] - 100) / 30
            + (frame["borough"] == "Queens").cast(float)
            + frame["__x"].fill_null(0.0)
            + pl.Series(random.normal(0, 0.7, rows))
        )
        target = {
            "binary": score > 0.3,
            "multiclass": pl.Series([("low", "middle", "high")[int(s > -0.5) + int(s > 0.9)] for s in score]),
            "regression": score * 1_000 + 20_000,
        }[kind]
        return frame.with_columns(target.alias("y"))

    return make


@pytest.fixture(scope="session", params=KINDS)
def prepared_table(request: pytest.FixtureRequest, make_table: Callable[..., pl.DataFrame]) -> TrainingTable:
    """A prepared table of each task in turn."""
    return prepare(make_table(kind=request.param), target="y")
