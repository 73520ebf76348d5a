from __future__ import annotations

import gzip

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.deployment.batch.source import open_chunks, table_format

FRAME = pl.DataFrame({" Days ": [1.5, 2.0, None, 4.0, 5.0], "Borough": ["Queens", "a, b", "", None, "Bronx"]})


def write(path, frame=FRAME):
    {
        ".csv": frame.write_csv,
        ".tsv": lambda to: frame.write_csv(to, separator="\t"),
        ".parquet": frame.write_parquet,
        ".jsonl": frame.write_ndjson,
    }[path.suffix](path)
    return str(path)


@pytest.mark.parametrize("whole_bytes", [0, 1 << 20])
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet", ".jsonl"])
def test_file_comes_in_chunks_with_clean_names(tmp_path, suffix, whole_bytes):
    chunks = open_chunks(write(tmp_path / f"table{suffix}"), 2, whole_bytes=whole_bytes)
    frames = list(chunks.frames)
    assert chunks.columns == ("Days", "Borough")
    assert chunks.rows == (5 if whole_bytes or suffix == ".parquet" else None)
    assert max(frame.height for frame in frames) <= 2
    whole = pl.concat(frames)
    assert whole["Days"].cast(pl.Float64).to_list() == [1.5, 2.0, None, 4.0, 5.0]
    assert whole["Borough"].to_list()[:2] == ["Queens", "a, b"]


@pytest.mark.parametrize("whole_bytes", [0, 1 << 20])
def test_csv_comes_as_text(tmp_path, whole_bytes):
    (tmp_path / "table.csv").write_text("code,n\n007,1\n")
    (frame,) = open_chunks(str(tmp_path / "table.csv"), 10, whole_bytes=whole_bytes).frames
    assert frame.to_dicts() == [{"code": "007", "n": "1"}]


@pytest.mark.parametrize("whole_bytes", [0, 1 << 20])
def test_separator_is_found(tmp_path, whole_bytes):
    (tmp_path / "table.csv").write_text("a;b\n1;x\n2;y\n")
    assert open_chunks(str(tmp_path / "table.csv"), 10, whole_bytes=whole_bytes).columns == ("a", "b")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("utf16.csv", "größe,größe\n1,x\n".encode("utf-16")),
        ("latin.csv", "größe,größe\n1,x\n".encode("latin-1")),
        ("packed.csv.gz", gzip.compress("größe,größe\n1,x\n".encode(), mtime=0)),
        ("array.json", b'[{"gr\\u00f6\\u00dfe": "1", "gr\\u00f6\\u00dfe_2": "x"}]'),
    ],
)
def test_file_is_read_as_datasets_are_when_it_is_not_large(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    (frame,) = open_chunks(str(tmp_path / name), 10).frames
    assert frame.to_dicts() == [{"größe": "1", "größe_2": "x"}]


def test_frame_comes_in_chunks():
    chunks = open_chunks(FRAME, 2)
    assert (chunks.rows, [frame.height for frame in chunks.frames]) == (5, [2, 2, 1])


def test_file_that_is_not_there_is_told_with_the_closest(tmp_path):
    write(tmp_path / "table.csv")
    with pytest.raises(InvalidInputError, match=r"Did you mean 'table\.csv'"):
        open_chunks(str(tmp_path / "tabel.csv"), 10)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("empty.csv", b"", "found an empty file"),
        ("table.xlsx", b"x", "Expected a file that ends in .csv"),
        ("table", b"x", "Expected a file that ends in .csv"),
        ("broken.parquet", b"not parquet", "does not read"),
        ("broken.jsonl", b"{]\n", "does not read"),
    ],
)
def test_large_file_that_is_no_table_is_refused(tmp_path, name, content, told):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidInputError, match=told):
        list(open_chunks(str(tmp_path / name), 10, whole_bytes=0).frames)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("empty.csv", b"", "found an empty file"),
        ("table.xlsx", b"PK\x03\x04", "an Excel or OpenDocument workbook"),
        ("broken.parquet", b"not parquet", "Expected a Parquet file"),
        ("broken.jsonl", b"{]\n", "Expected JSON lines"),
        ("header.csv", b"a,b\n", "nothing below it"),
    ],
)
def test_file_that_is_no_table_is_refused(tmp_path, name, content, told):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidInputError, match=told):
        open_chunks(str(tmp_path / name), 10)


def test_folder_is_refused(tmp_path):
    with pytest.raises(InvalidInputError, match="found a folder"):
        open_chunks(str(tmp_path), 10)


def test_line_with_too_many_fields_is_told_while_reading(tmp_path):
    (tmp_path / "table.csv").write_text("a,b\n1,2\n" + "1,2,3\n" * 3)
    with pytest.raises(InvalidInputError, match="does not read"):
        list(open_chunks(str(tmp_path / "table.csv"), 10, whole_bytes=0).frames)
    with pytest.raises(InvalidInputError, match="line 3 has 3"):
        open_chunks(str(tmp_path / "table.csv"), 10)


@pytest.mark.parametrize("whole_bytes", [0, 1 << 20])
def test_failure_while_a_chunk_is_used_is_not_blamed_on_the_file(tmp_path, whole_bytes):
    with pytest.raises(OSError, match="the disk is full"):  # noqa: PT012
        for _ in open_chunks(write(tmp_path / "table.csv"), 10, whole_bytes=whole_bytes).frames:
            raise OSError("the disk is full")


def test_format_follows_the_end_of_the_name(tmp_path):
    assert table_format(tmp_path / "A.CSV") == "csv"
