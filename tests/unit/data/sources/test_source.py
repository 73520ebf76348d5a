from __future__ import annotations

import gzip
import json
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.digest import digest_bytes
from millwright.core.errors import InvalidInputError, MissingExtraError, StorageError
from millwright.data.sources.source import read_source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FRAME = pl.DataFrame({"id": ["007", "008"], "cost": [1.5, None]})


def write(path: Path, data: bytes | str) -> str:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return str(path)


def test_csv_is_read_as_text(tmp_path: Path) -> None:
    source = write(tmp_path / "t.csv", "id,Cost \n007,1.50\n")
    table = read_source(source)
    assert table.frame.to_dict(as_series=False) == {"id": ["007"], "Cost": ["1.50"]}
    assert (table.uri, table.format) == (source, "csv")
    assert table.digest == digest_bytes(b"id,Cost \n007,1.50\n")


def test_tsv_is_read_by_its_tabs(tmp_path: Path) -> None:
    table = read_source(write(tmp_path / "t.tsv", "a,x\tb\n1,2\t3\n"))
    assert table.frame.columns == ["a,x", "b"]
    assert table.format == "tsv"


@pytest.mark.parametrize("name", ["t.csv", "t.tsv"])
def test_table_of_one_column_is_read(tmp_path: Path, name: str) -> None:
    assert read_source(write(tmp_path / name, "a\n1\n2\n")).frame.rows() == [("1",), ("2",)]


@pytest.mark.parametrize("name", ["t.parquet", "t.csv", "t"])
def test_parquet_keeps_its_types_whatever_its_name(tmp_path: Path, name: str) -> None:
    FRAME.write_parquet(tmp_path / name)
    table = read_source(str(tmp_path / name))
    assert table.frame.equals(FRAME)
    assert table.format == "parquet"


@pytest.mark.parametrize("name", ["t.jsonl", "t.ndjson", "t.json", "t"])
def test_json_lines_keep_their_types(tmp_path: Path, name: str) -> None:
    lines = [json.dumps({"id": "007"}), *[json.dumps({"id": "008", "cost": None})] * 200, json.dumps({"cost": 1.5})]
    table = read_source(write(tmp_path / name, "\n".join(lines)))
    assert table.frame.schema == {"id": pl.String, "cost": pl.Float64}
    assert table.frame.row(-1) == (None, 1.5)
    assert table.format == "jsonl"


def test_json_array_is_read(tmp_path: Path) -> None:
    table = read_source(write(tmp_path / "t.json", '\n[{"a": 1, "b": "x"}, {"a": 2.5}]'))
    assert table.frame.rows() == [(1.0, "x"), (2.5, None)]
    assert table.format == "json"


def test_gzip_is_unpacked(tmp_path: Path) -> None:
    table = read_source(write(tmp_path / "t.csv.gz", gzip.compress(b"a\n1\n")))
    assert table.frame.rows() == [("1",)]


def test_real_schedules_are_read_whole(schedules: Path) -> None:
    table = read_source(str(schedules))
    assert table.frame.height == {"09": 13_153, "01": 13_638}[schedules.stem[-2:]]
    assert table.frame.columns[0] == "Project Geographic District"
    assert "DSF0001008800, DSF0000991942" in table.frame["DSF Number(s)"]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("t.csv", b"", "found an empty file"),
        ("t.csv", b" \n ", "found only blanks"),
        ("t.csv", b"a,b\n", "a header and nothing below it"),
        ("t.csv", b"a,b\n1\n", "line 2 has 1"),
        ("t.csv", bytes(range(256)), "bytes that are no text"),
        ("t.csv", b"<html><body>404</body></html>", "found an HTML page"),
        ("t.txt", b"Dear reader\nthis is prose\n", "text in a single column"),
        ("t.json", b'{"a": {\n"b": 1}}', "found a single object"),
        ("t.json", b"{broken", "Expected JSON lines"),
        ("t.json", b"[1, 2]", "array that holds something else"),
        ("t.json", b"[{]", "Expected a JSON array of objects"),
        ("t.json", b"[]", "Expected rows"),
        ("t.parquet", b"PAR1 broken", "Expected a Parquet file"),
        ("t.parquet", b"a,b\n1,2\n", "Expected a Parquet file"),
        ("t.csv.gz", b"\x1f\x8bbroken", "broken one"),
    ],
)
def test_source_that_is_no_table_is_refused_in_one_line(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message) as caught:
        read_source(write(tmp_path / name, data))
    assert caught.value.hint
    assert "\n" not in caught.value.message


def test_parquet_without_rows_is_refused(tmp_path: Path) -> None:
    FRAME.clear().write_parquet(tmp_path / "t.parquet")
    with pytest.raises(InvalidInputError, match="found a table without any"):
        read_source(str(tmp_path / "t.parquet"))


def test_missing_file_names_the_closest_one(tmp_path: Path) -> None:
    write(tmp_path / "schedules.csv", "a\n1\n")
    with pytest.raises(InvalidInputError, match=r"There is no file .*Did you mean 'schedules\.csv'\?"):
        read_source(str(tmp_path / "schedule.csv"))
    with pytest.raises(InvalidInputError, match="There is no folder"):
        read_source(str(tmp_path / "absent" / "schedule.csv"))


def test_folder_is_read_as_one_table(tmp_path: Path) -> None:
    write(tmp_path / "b.csv", "a\n2\n")
    write(tmp_path / "a.csv", "a\n1\n")
    write(tmp_path / "notes.txt", "not a table")
    assert read_source(str(tmp_path)).frame["a"].to_list() == ["1", "2"]


def test_path_that_no_file_can_have_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="Cannot read the file"):
        read_source("a\0b")


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/t.csv" else 404)
        self.end_headers()
        self.wfile.write(b"a\n1\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        pass


@pytest.fixture
def address() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = Thread(target=partial(server.serve_forever, poll_interval=0.01))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_url_is_fetched(address: str) -> None:
    assert read_source(f"{address}/t.csv").frame.rows() == [("1",)]


def test_url_that_cannot_be_had_is_an_error(address: str) -> None:
    with pytest.raises(StorageError, match="404"):
        read_source(f"{address}/absent.csv")


def test_url_of_fsspec_is_read() -> None:
    import fsspec

    fsspec.filesystem("memory").pipe_file("/t.csv", b"a\n1\n")
    assert read_source("memory://t.csv").frame.rows() == [("1",)]
    with pytest.raises(InvalidInputError, match="There is no file memory://absent"):
        read_source("memory://absent.csv")


def test_url_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="a kind that fsspec knows"):
        read_source("nothing://t.csv")


def test_url_whose_library_is_missing_names_it() -> None:
    with pytest.raises(MissingExtraError, match="gs://"):
        read_source("gs://bucket/t.csv")
