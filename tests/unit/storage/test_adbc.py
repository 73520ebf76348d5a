from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import polars as pl
import pytest
import sqlalchemy as sa

from millwright.storage import adbc
from millwright.storage.adbc import read_arrow

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("adbc_driver_sqlite", reason="needs ADBC: pip install 'millwright[adbc]'")


@pytest.fixture
def url(tmp_path: Path) -> sa.URL:
    path = tmp_path / "t.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (a INTEGER, b TEXT, c)")
        connection.executemany("INSERT INTO t VALUES (?, ?, NULL)", [(1, "x"), (2, None)])
    connection.close()
    return sa.make_url(f"sqlite:///file:{path}?mode=ro&uri=true")


def test_rows_come_as_they_do_row_by_row(url: sa.URL) -> None:
    told: list[int] = []
    frame = read_arrow(url, "SELECT * FROM t", told.append)
    assert frame is not None
    assert frame.schema == {"a": pl.Int64, "b": pl.String, "c": pl.Null}
    assert frame.rows() == [(1, "x", None), (2, None, None)]
    assert sum(told) == 2


def test_no_rows_have_their_columns(url: sa.URL) -> None:
    frame = read_arrow(url, "SELECT a FROM t WHERE a > 9", lambda _: None)
    assert frame is not None
    assert frame.columns == ["a"]


def test_statement_that_fails_is_left_to_the_other_way(url: sa.URL) -> None:
    told: list[int] = []
    assert read_arrow(url, "SELECT nope FROM t", told.append) is None
    assert read_arrow(url, "DELETE FROM t", told.append) is None
    assert sum(told) == 0


def test_database_without_a_driver_is_left_to_the_other_way(url: sa.URL, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_arrow(sa.make_url("mysql://host/x"), "SELECT 1", lambda _: None) is None

    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(adbc, "import_module", absent)
    assert read_arrow(url, "SELECT * FROM t", lambda _: None) is None
