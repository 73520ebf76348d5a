"""Parquet files, at once and lazily."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.sources.parquet import read_parquet, scan_parquet

if TYPE_CHECKING:
    from pathlib import Path

ROWS = pl.DataFrame({"id": [1, None], "name": ["a", "ü"]})


def test_rows_keep_their_types(tmp_path: Path) -> None:
    path = tmp_path / "[rows].parquet"
    ROWS.write_parquet(path)
    assert read_parquet(path, "rows").equals(ROWS)
    assert scan_parquet(path, "rows").collect().equals(ROWS)


def test_what_is_none_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    path.write_bytes(b"PAR1 and no more")
    for read in (read_parquet, scan_parquet):
        with pytest.raises(InvalidInputError, match="Expected a Parquet file in rows, found something else"):
            read(path, "rows")
