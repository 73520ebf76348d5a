from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from millwright.core.errors import StorageError
from millwright.data.engines.input_table import input_tables
from millwright.data.engines.scratch import as_files, scratch_folder


def test_the_folder_is_gone_afterwards_also_when_its_user_fails(tmp_path: Path) -> None:
    def failing() -> None:
        with scratch_folder(str(tmp_path / "new")) as folder:
            (folder / "x").write_text("x")
            raise KeyError

    with pytest.raises(KeyError):
        failing()
    assert list((tmp_path / "new").iterdir()) == []


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with (
        pytest.raises(StorageError, match=r"No scratch folder.*engine\.scratch"),
        scratch_folder(str(tmp_path / "file")),
    ):
        pass


def test_a_frame_becomes_a_file_in_portable_form(tmp_path: Path) -> None:
    table = input_tables({"x": pl.LazyFrame({"a": pl.Series([1, None], dtype=pl.Int8)})})["x"]
    (file,) = as_files("x", table, tmp_path)
    assert Path(file).parent == tmp_path
    assert pl.read_parquet(file)["a"].to_list() == [1, None]
    assert pl.read_parquet_schema(file) == {"a": pl.Int64()}
