from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.sources.file import read_file, suffix_of
from millwright.data.sources.place import fetched
from millwright.data.sources.request import PLAIN

if TYPE_CHECKING:
    from pathlib import Path


def kind_of(path: Path) -> str:
    with fetched(str(path)) as file:
        return read_file(file, PLAIN)[1]


def test_content_decides_over_the_name(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [1]})
    frame.write_parquet(tmp_path / "a.csv")
    frame.write_ipc(tmp_path / "b.csv")
    (tmp_path / "c.txt").write_text("a,b\n1,2\n")
    assert [kind_of(tmp_path / name) for name in ("a.csv", "b.csv", "c.txt")] == ["parquet", "arrow", "csv"]


def test_packed_file_of_any_format_is_unpacked(tmp_path: Path) -> None:
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "t.parquet")
    (tmp_path / "t.parquet.gz").write_bytes(gzip.compress((tmp_path / "t.parquet").read_bytes()))
    assert kind_of(tmp_path / "t.parquet.gz") == "parquet"


def test_archive_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.zip").write_bytes(b"PK\x03\x04 something")
    with pytest.raises(InvalidInputError, match="a ZIP archive"):
        kind_of(tmp_path / "t.zip")


def test_headers_are_cleaned(tmp_path: Path) -> None:
    pl.DataFrame({" a  b ": [1], "A b": [2]}).write_parquet(tmp_path / "t.parquet")
    with fetched(str(tmp_path / "t.parquet")) as file:
        assert read_file(file, PLAIN)[0].columns == ["a b", "A b_2"]


@pytest.mark.parametrize(
    ("uri", "suffix"),
    [("a/b.CSV", ".csv"), ("https://h/x.json?y=1.csv", ".json"), ("C:\\a\\b.xlsx", ".xlsx"), ("noname", "")],
)
def test_suffix_is_that_of_the_file(uri: str, suffix: str) -> None:
    assert suffix_of(uri) == suffix
