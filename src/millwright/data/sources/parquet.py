"""Parquet files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.data.sources.place import one_line

if TYPE_CHECKING:
    from pathlib import Path

MAGIC = b"PAR1"


def read_parquet(path: Path, uri: str) -> pl.DataFrame:
    """The rows of a Parquet file, with their types; the file itself is not held in memory.

    Args:
        path: Where it lies.
        uri: What messages call it.

    Raises:
        InvalidInputError: It is none, or a part of one.
    """
    try:
        return pl.read_parquet(path, glob=False, hive_partitioning=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InvalidInputError(
            f"Expected a Parquet file in {uri}, found something else or a part of one: {one_line(error)}.",
            hint="Was the file copied whole?",
        ) from error


def scan_parquet(path: Path, uri: str) -> pl.LazyFrame:
    """The rows of a Parquet file, lazily.

    Args:
        path: Where it lies.
        uri: What messages call it.

    Raises:
        InvalidInputError: It is none, or a part of one.
    """
    rows = pl.scan_parquet(path, glob=False, hive_partitioning=False)
    try:
        rows.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InvalidInputError(
            f"Expected a Parquet file in {uri}, found something else or a part of one: {one_line(error)}.",
            hint="Was the file copied whole?",
        ) from error
    return rows
