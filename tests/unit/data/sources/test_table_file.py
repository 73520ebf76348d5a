from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.sources.request import SourceOptions
from millwright.data.sources.source import open_source, read_source

if TYPE_CHECKING:
    from pathlib import Path


def put(folder: Path, **frames: pl.DataFrame) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in frames.items():
        frame.write_parquet(folder / f"{name}.parquet")


def test_pattern_is_one_table_in_the_order_of_the_names(tmp_path: Path) -> None:
    put(tmp_path, b=pl.DataFrame({"x": [2], "y": ["b"]}), a=pl.DataFrame({"y": ["a"], "x": [1]}))
    table = read_source(f"{tmp_path}/*.parquet")
    assert table.frame.to_dict(as_series=False) == {"y": ["a", "b"], "x": [1, 2]}
    assert table.uri == f"{tmp_path}/*.parquet"
    assert table.format == "parquet"


def test_other_columns_in_one_file_are_an_error_that_names_file_and_columns(tmp_path: Path) -> None:
    put(tmp_path, a=pl.DataFrame({"x": [1], "y": [1]}), b=pl.DataFrame({"x": ["1"], "z": [1]}))
    with pytest.raises(InvalidInputError) as caught:
        read_source(str(tmp_path))
    assert "b.parquet" in caught.value.message
    assert "'y' is absent, 'z' is not in the first, 'x' is String instead of Int64" in caught.value.message
    assert caught.value.details["file"].endswith("b.parquet")


def test_types_of_parquet_are_not_mixed(tmp_path: Path) -> None:
    put(tmp_path, a=pl.DataFrame({"x": [1]}), b=pl.DataFrame({"x": [1.5]}))
    with pytest.raises(InvalidInputError, match="'x' is Float64 instead of Int64"):
        read_source(str(tmp_path))


def test_json_files_agree_on_numbers_and_nulls(tmp_path: Path) -> None:
    for name, text in {"a": '{"x": 1, "y": null}', "b": '{"x": 1.5, "y": "t"}'}.items():
        (tmp_path / f"{name}.jsonl").write_text(text)
    assert read_source(str(tmp_path)).frame.rows() == [(1.0, None), (1.5, "t")]


def test_folder_names_with_a_value_become_columns(tmp_path: Path) -> None:
    put(tmp_path / "year=2025" / "site=a%20b", f=pl.DataFrame({"x": [1]}))
    put(tmp_path / "year=2026" / "site=__HIVE_DEFAULT_PARTITION__", f=pl.DataFrame({"x": [2]}))
    frame = read_source(str(tmp_path)).frame
    assert frame.to_dicts() == [{"x": 1, "year": "2025", "site": "a b"}, {"x": 2, "year": "2026", "site": None}]


def test_column_in_file_and_folder_is_an_error(tmp_path: Path) -> None:
    put(tmp_path / "x=1", f=pl.DataFrame({"x": [1]}))
    with pytest.raises(InvalidInputError, match="column 'x' either in"):
        read_source(str(tmp_path))


def test_empty_file_among_others_is_named(tmp_path: Path) -> None:
    put(tmp_path, a=pl.DataFrame({"x": [1]}))
    (tmp_path / "b.csv").write_bytes(b"")
    with pytest.raises(InvalidInputError, match=r"b\.csv, found an empty file"):
        read_source(str(tmp_path))


def test_digest_tells_content_and_names_of_all_files(tmp_path: Path) -> None:
    put(tmp_path, a=pl.DataFrame({"x": [1]}), b=pl.DataFrame({"x": [2]}))
    with open_source(str(tmp_path)) as found:
        first = found.digest
        assert len(found.files) == 2
    with open_source(f"{tmp_path}/*.parquet") as found:
        assert found.digest == first
    put(tmp_path, b=pl.DataFrame({"x": [3]}))
    with open_source(str(tmp_path)) as found:
        assert found.digest != first


def test_format_is_held_to_when_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("only\nprose\n")
    assert read_source(str(tmp_path / "t.txt"), SourceOptions(format="csv")).frame.rows() == [("prose",)]
    with pytest.raises(InvalidInputError, match="Expected a Parquet file"):
        read_source(str(tmp_path / "t.txt"), SourceOptions(format="parquet"))


@pytest.mark.parametrize("source", ["memory://lake/year=2025/*.csv", "memory://lake/year=2025/", "memory://lake"])
def test_remote_pattern_and_folder_are_read(source: str) -> None:
    import fsspec

    memory = fsspec.filesystem("memory")
    memory.pipe_file("/lake/year=2025/b.csv", b"a\n2\n")
    memory.pipe_file("/lake/year=2025/a.csv", b"a\n1\n")
    memory.pipe_file("/lake/_logs/x.csv", b"b\n1\n")
    try:
        frame = read_source(source).frame
    finally:
        memory.rm("/lake", recursive=True)
    assert frame["a"].to_list() == ["1", "2"]
    assert ("year" in frame.columns) is (source == "memory://lake")
