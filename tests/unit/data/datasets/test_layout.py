from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from millwright.core.errors import StorageError
from millwright.data.datasets.data_file import known_file
from millwright.data.datasets.layout import TARGET_BYTES, small_tail, write_rows

if TYPE_CHECKING:
    from pathlib import Path


def test_rows_are_cut_into_files_of_about_four_megabytes(tmp_path: Path) -> None:
    rows = pl.DataFrame({"a": np.random.default_rng(0).normal(size=1_200_000), "b": 1})
    files = write_rows(str(tmp_path), rows, place=5)
    assert [file.place for file in files] == [5, 6, 7]
    assert all(0.9 * TARGET_BYTES < file.size_bytes < 1.2 * TARGET_BYTES for file in files[:-1])
    assert pl.concat([pl.read_parquet(tmp_path / file.path) for file in files]).equals(rows)


def test_long_rows_are_cut_too(tmp_path: Path) -> None:
    letters = np.random.default_rng(0).integers(0, 256, size=(300, 100_000), dtype=np.uint8)
    rows = pl.DataFrame({"a": [row.tobytes() for row in letters]})
    files = write_rows(str(tmp_path), rows, place=1)
    assert len(files) == 8
    assert all(file.size_bytes < 1.1 * TARGET_BYTES for file in files)


def test_no_rows_make_no_file(tmp_path: Path) -> None:
    assert write_rows(str(tmp_path), pl.DataFrame({"a": []}), place=1) == []


def test_place_that_cannot_be_written_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="Cannot use the table"):
        write_rows(str(tmp_path / "file"), pl.DataFrame({"a": [1]}), place=1)


@pytest.mark.parametrize(("small", "found"), [(15, 0), (16, 16), (20, 20)])
def test_small_files_at_the_end_are_taken_up_when_they_are_many(small: int, found: int) -> None:
    large = [known_file("large", rows=1, size_bytes=TARGET_BYTES)] * 2
    tail = [known_file("small", rows=1, size_bytes=1)] * small
    assert len(small_tail([*large, *tail])) == found
    assert small_tail([*tail, *large]) == []
