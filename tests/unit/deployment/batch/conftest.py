"""A model's package, and tables that fit it but for some rows."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from millwright.deployment.batch.chunk import Chunk, Recipe


@pytest.fixture(scope="session")
def package(packages) -> bytes:
    return packages[0]


@pytest.fixture(scope="session")
def recipe(package) -> Recipe:
    return Recipe(package=package, model_ref="delay@1")


@pytest.fixture(scope="session")
def mixed() -> pl.DataFrame:
    """1,000 rows with an `id`; every seventh lacks what the model needs."""
    rng = np.random.default_rng(7)
    frame = pl.DataFrame(
        {
            "id": np.arange(1_000),
            "days": rng.normal(30, 10, 1_000),
            "crews": rng.integers(1, 9, 1_000),
            "borough": rng.choice(["Queens", "Bronx"], 1_000),
        }
    )
    return frame.with_columns(crews=pl.when(pl.col("id") % 7 > 0).then("crews"))


@pytest.fixture(scope="session")
def chunks(mixed) -> list[Chunk]:
    """The same rows in chunks of 150."""
    frames = mixed.iter_slices(150)
    return [Chunk(index=index, first_row=index * 150, frame=frame) for index, frame in enumerate(frames)]
