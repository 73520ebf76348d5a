from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.sources.request import SourceOptions
from millwright.data.sources.source import open_source, read_source

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shop(tmp_path: Path) -> str:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, name TEXT)")
        connection.executemany("INSERT INTO orders VALUES (?, ?)", [(2, "b"), (1, "a")])
        connection.execute("CREATE TABLE log (name TEXT, n INTEGER)")
        connection.executemany("INSERT INTO log VALUES (?, ?)", [("b", 1), ("a", 2), ("a", 1), (None, 3)])
    connection.close()
    return f"sqlite:///{path}"


def test_table_is_read_in_the_order_of_its_key(shop: str) -> None:
    table = read_source(shop, SourceOptions(table="orders"))
    assert table.frame.rows() == [(1, "a"), (2, "b")]
    assert (table.format, table.digest) == ("sql", None)
    assert table.uri == f"{shop}#table=orders"


def test_rows_without_an_order_are_sorted_so_that_the_same_rows_are_the_same_table(shop: str) -> None:
    rows = [(None, 3), ("a", 1), ("a", 2), ("b", 1)]
    assert read_source(shop, SourceOptions(table="log")).frame.rows() == rows
    assert read_source(shop, SourceOptions(query="SELECT * FROM log")).frame.rows() == rows


def test_order_of_a_query_is_kept(shop: str) -> None:
    asked = SourceOptions(query="SELECT name FROM log WHERE name IS NOT NULL ORDER BY name DESC, n")
    assert read_source(shop, asked).frame["name"].to_list() == ["b", "a", "a"]


def test_records_name_the_query_by_its_digest_and_no_login(shop: str) -> None:
    with open_source("postgresql://ann:secret@host/x", SourceOptions(query="SELECT 1")) as found:
        assert found.uri.startswith("postgresql://host/x#query=")
    with open_source(shop, SourceOptions(query="SELECT 2")) as other:
        assert other.uri[-12:] != found.uri[-12:]


def test_neither_table_nor_query_names_the_tables(shop: str) -> None:
    with pytest.raises(InvalidInputError, match=r"found neither.*--table \(log, orders\)"):
        read_source(shop)
    with pytest.raises(InvalidInputError, match="found both"):
        read_source(shop, SourceOptions(table="orders", query="SELECT 1"))


def test_nothing_found_is_an_error_for_a_plain_read(shop: str) -> None:
    with pytest.raises(InvalidInputError, match="Expected rows in sqlite"):
        read_source(shop, SourceOptions(query="SELECT * FROM log WHERE n > 9"))
