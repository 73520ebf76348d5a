from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake

from millwright.cli.ingest import default_name
from millwright.core.errors import InvalidInputError
from millwright.data.sources.request import PLAIN, SourceOptions

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("data/My Costs.csv", "my-costs"),
        ("costs.csv.gz", "costs"),
        ("data/*.parquet", "data"),
        ("data/year=*/*.parquet", "data"),
        ("https://host/a/costs.xlsx?x=1", "costs"),
        ("s3://lake/orders/", "orders"),
        ("kafka://one:9092,two:9092/orders", "orders"),
        ("C:\\data\\costs.csv", "costs"),
        ("*.csv", "table"),
    ],
)
def test_dataset_is_named_after_its_source(source, name):
    assert default_name(source, PLAIN) == name


def test_dataset_is_named_after_its_table_and_a_query_needs_a_name():
    assert default_name("sqlite:///shop.db", SourceOptions(table="shop.Orders")) == "orders"
    with pytest.raises(InvalidInputError, match="--name"):
        default_name("sqlite:///shop.db", SourceOptions(query="SELECT 1"))


def test_new_files_of_a_pattern_are_added(tmp_path, mw):
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "1.csv").write_text("a\n1\n")
    call = ("data", "add", "lake/*.csv", "--incremental", "files")
    assert mw(tmp_path, *call).out.startswith("✓ lake@1: 1 rows, 1 columns. 1 rows were read.\n")
    assert mw(tmp_path, *call).out.startswith("✓ Nothing new. lake@1: 1 rows")
    (tmp_path / "lake" / "2.csv").write_text("a\n2\n3\n")
    found = mw(tmp_path, *call, "--json").json
    assert (found["ref"], found["rows"], found["rows_read"], found["is_new"]) == ("lake@2", 3, 2, True)


def put(path: Path, *rows: tuple[int, str, str]) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, name TEXT, changed TEXT)")
        connection.executemany("INSERT OR REPLACE INTO orders VALUES (?, ?, ?)", rows)
    connection.close()


def test_changed_rows_of_a_database_are_merged(tmp_path, mw):
    put(tmp_path / "shop.db", (1, "a", "2026-01-01"), (2, "b", "2026-01-02"))
    call = ("data", "add", f"sqlite:///{tmp_path}/shop.db", "--table", "orders", "--key", "id", "--incremental",
            "column", "--cursor", "changed", "--json")  # fmt: skip
    assert mw(tmp_path, *call).json["ref"] == "orders@1"
    put(tmp_path / "shop.db", (1, "A", "2026-01-03"), (3, "c", "2026-01-04"))
    found = mw(tmp_path, *call).json
    assert (found["ref"], found["rows"], found["details"]["updated"]) == ("orders@2", 3, 1)
    assert not mw(tmp_path, *call).json["is_new"]


def test_delta_table_is_followed_and_read_at_a_version(tmp_path, mw):
    write_deltalake(tmp_path / "theirs", pl.DataFrame({"id": [1, 2]}))
    call = ("data", "add", "theirs", "--incremental", "changes", "--key", "id", "--json")
    assert mw(tmp_path, *call).json["rows"] == 2
    DeltaTable(tmp_path / "theirs").delete("id = 1")
    assert mw(tmp_path, *call).json["rows"] == 1
    old = mw(tmp_path, "data", "add", "theirs", "--version", "0", "--name", "old", "--json").json
    assert old["rows"] == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("gone.csv",), "There is no file gone.csv"),
        (("gone/*.csv",), "There is no folder gone"),
        (("t.csv", "--sheet", "One"), "Expected a workbook"),
        (("t.csv", "--format", "exel"), "Did you mean 'excel'?"),
        (("t.csv", "--incremental", "files"), "Expected a folder or a pattern"),
        (("t.csv", "--incremental", "column"), "--cursor NAME"),
        (("t.csv", "--mode", "merge"), "--key"),
        (("t.csv", "--key", "b"), "'b'"),
        (("t.csv", "--from", "earliest"), "which is for 'kafka'"),
        (("sqlite:///gone.db", "--table", "t"), "There is no SQLite database gone.db"),
        (("postgresql://ann:se-cret@127.0.0.1:1/x", "--table", "t"), "postgresql://127.0.0.1:1/x"),
        (("gs://user:se-cret@bucket/t.csv",), "millwright[gcs]"),
    ],
)
def test_wrong_source_is_one_line_that_says_what_to_do(tmp_path, mw, arguments, message):
    (tmp_path / "t.csv").write_text("a\n1\n")
    answer = mw(tmp_path, "data", "add", *arguments)
    assert answer.code == 1
    assert answer.out == ""
    assert message in answer.err
    assert "se-cret" not in answer.err
    assert answer.err.count("\n") == 1
    assert mw(tmp_path, "data", "list", "--json").json == []


@pytest.mark.postgres
def test_login_of_a_source_stands_nowhere_in_the_workspace(tmp_path, mw):
    pytest.importorskip("psycopg")
    server = os.environ.get("MILLWRIGHT_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
    url = f"{server}{'&' if '?' in server else '?'}application_name=mw&sslpassword=se-cret"
    answer = mw(tmp_path, "data", "add", url, "--query", "SELECT 1 AS a", "--name", "t", "--json")
    if answer.code != 0:
        pytest.skip(f"needs PostgreSQL at {server}")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if b"se-cret" in path.read_bytes()]


def test_what_an_older_version_holds_is_not_passed_off_as_the_latest(tmp_path, mw):
    for value in (1, 2):
        (tmp_path / "t.csv").write_text(f"a\n{value}\n")
        assert "latest" not in mw(tmp_path, "data", "add", "t.csv").out
    (tmp_path / "t.csv").write_text("a\n1\n")
    said = " ".join(mw(tmp_path, "data", "add", "t.csv").out.split())
    assert "the latest is still t@2. To make it the latest again: mw data restore t@1" in said
    mw(tmp_path, "data", "restore", "t@1")
    assert "latest is" not in mw(tmp_path, "data", "add", "t.csv").out
