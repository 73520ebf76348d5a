# ruff: noqa: S608 - the schema is named by this test
from __future__ import annotations

import os
import sqlite3
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import uuid4

import polars as pl
import pytest
import sqlalchemy as sa

from millwright.core.errors import InvalidInputError, MissingExtraError, StorageError
from millwright.storage import query
from millwright.storage.adbc import read_arrow
from millwright.storage.query import Query, read_query, table_names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVER = os.environ.get("MILLWRIGHT_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")


@pytest.fixture
def plain_sqlite(tmp_path: Path) -> str:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, name TEXT, cost REAL, at TEXT)")
        connection.executemany(
            "INSERT INTO orders VALUES (?, ?, ?, ?)",
            [(3, "c", 1.5, "2026-01-03"), (1, "a", None, "2026-01-01"), (2, "b", 2.5, "2026-01-02")],
        )
        connection.execute('CREATE TABLE "order lines" (n INTEGER)')
    connection.close()
    return f"sqlite:///{path}"


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    psycopg = pytest.importorskip("psycopg", reason="needs psycopg: pip install 'millwright[postgres]'")
    try:
        connection = psycopg.connect(SERVER, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        pytest.skip(f"needs PostgreSQL at {SERVER}: {error}")
    name = f"source_{uuid4().hex}"
    connection.execute(f'CREATE SCHEMA "{name}"')
    connection.execute(
        f'CREATE TABLE "{name}".kinds AS SELECT g::int4 AS small, g::int8 AS big, (g * 0.25)::numeric AS exact, '
        "g * 0.5::float8 AS wide, (g * 0.1)::float4 AS narrow, g % 2 = 0 AS even, 'n' || g AS name, "
        "timestamptz '2026-01-01 10:00+02' + g * interval '1 day' AS at, timestamp '2026-01-01 10:00' AS local, "
        "date '2026-01-01' + g AS day, '\\x01'::bytea AS raw, NULL::text AS nothing, "
        '\'{"b": 1, "a": [2]}\'::jsonb AS doc, '
        "'00000000-0000-0000-0000-000000000001'::uuid AS uid, ARRAY[g, NULL] AS list FROM generate_series(1, 3) g"
    )
    yield name
    connection.execute(f'DROP SCHEMA "{name}" CASCADE')
    connection.close()


def read(**asked: object) -> pl.DataFrame:
    return read_query(Query(**asked), lambda _: None)[0]  # type: ignore[arg-type]


@pytest.fixture(params=["adbc", "rows"])
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "rows":
        monkeypatch.setattr(query, "read_arrow", lambda *_: None)
    return str(request.param)


@pytest.mark.usefixtures("_way")
def test_sqlite_table_comes_in_the_order_of_its_key(plain_sqlite: str) -> None:
    counted: list[int] = []
    frame, is_ordered = read_query(Query(url=plain_sqlite, table="orders"), counted.append)
    assert is_ordered
    assert sum(counted) == 3
    assert frame.to_dict(as_series=False) == {
        "id": [1, 2, 3],
        "name": ["a", "b", "c"],
        "cost": [None, 2.5, 1.5],
        "at": ["2026-01-01", "2026-01-02", "2026-01-03"],
    }


def test_file_name_with_any_sign_is_read(tmp_path: Path) -> None:
    path = tmp_path / "with space" / "größe 100%.db"
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (a INTEGER)")
        connection.execute("INSERT INTO t VALUES (1)")
    connection.close()
    assert read(url=f"sqlite:///{path}", table="t").rows() == [(1,)]


@pytest.mark.usefixtures("_way")
def test_query_with_signs_that_drivers_read_otherwise_is_run_as_it_is(plain_sqlite: str) -> None:
    asked = "SELECT '10:30 %s ?' AS a, 'x%' LIKE 'x%' AS b, name AS \"c:d\" FROM orders WHERE id = 1 -- all ;\n;"
    assert read(url=plain_sqlite, query=asked).rows() == [("10:30 %s ?", 1, "a")]


@pytest.mark.usefixtures("_way")
@pytest.mark.parametrize("least", [2, None])
def test_cursor_column_bounds_and_orders(plain_sqlite: str, least: int | None) -> None:
    found = read(url=plain_sqlite, query="SELECT * FROM orders ORDER BY name DESC", column="id", least=least)
    assert found["id"].to_list() == ([2, 3] if least else [1, 2, 3])
    nulls = read(url=plain_sqlite, table="orders", column="cost", least=2.0)
    assert nulls["id"].to_list() == [1, 2]  # whoever asks must see that a row has no value


@pytest.mark.usefixtures("_way")
def test_nothing_found_has_the_columns(plain_sqlite: str) -> None:
    assert read(url=plain_sqlite, query="SELECT id, name FROM orders WHERE id > 9").columns == ["id", "name"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"table": "order"}, "no table 'order' .*Did you mean 'orders'"),
        ({"query": "SELECT nope FROM orders"}, "failed: no such column: nope"),
        ({"query": "DELETE FROM orders"}, "Expected a query that reads"),
        ({"query": "WITH x AS (SELECT 1) DELETE FROM orders"}, "readonly database"),
        ({"query": "SELECT id, id FROM orders"}, "'id' more than once"),
        ({"query": "SELECT * FROM orders", "column": "nope"}, "nope"),
    ],
)
def test_wrong_question_is_an_error_that_says_why(plain_sqlite: str, asked: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        read(url=plain_sqlite, **asked)
    assert read(url=plain_sqlite, table="orders").height == 3


def test_absent_file_is_not_created(tmp_path: Path) -> None:
    (tmp_path / "shop.db").touch()
    with pytest.raises(InvalidInputError, match=r"no SQLite database .*Did you mean 'shop\.db'"):
        read(url=f"sqlite:///{tmp_path / 'shops.db'}", table="t")
    assert not (tmp_path / "shops.db").exists()


def test_url_that_is_none_or_of_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(InvalidInputError, match="Expected a database's URL"):
        read(url="::", table="t")
    with pytest.raises(InvalidInputError, match=r"SQLAlchemy knows, found nodb://…"):
        read(url="nodb://ann:secret@host/x", table="t")


def test_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidInputError, match=r"mysql://host/x needs the driver MySQLdb.*pip install"):
        read(url="mysql://ann:secret@host/x", table="t")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match=r"millwright\[postgres\]"):
        read(url="postgresql://host/x", table="t")


def test_unreachable_server_is_an_error_without_the_password() -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(StorageError, match="Cannot reach the database postgresql://127") as caught:
        read(url="postgresql://ann:se%20cret@127.0.0.1:1/x", table="t")
    assert "se%20cret" not in str(caught.value)
    assert "se cret" not in str(caught.value)


def test_tables_and_views_are_listed(plain_sqlite: str) -> None:
    assert table_names(plain_sqlite) == ["order lines", "orders"]
    assert read(url=plain_sqlite, table="order lines").columns == ["n"]


@pytest.mark.postgres
def test_types_of_postgresql_come_as_they_are(postgres: str) -> None:
    frame = read(url=SERVER, table=f"{postgres}.kinds")
    row = frame.filter(pl.col("small") == 1).to_dicts()[0]
    assert frame.schema["exact"] == pl.Decimal(38, 2)
    assert frame.schema["at"] == pl.Datetime("us", "UTC")
    assert row == {
        "small": 1,
        "big": 1,
        "exact": Decimal("0.25"),
        "wide": 0.5,
        "narrow": pytest.approx(0.1, abs=1e-9),
        "even": False,
        "name": "n1",
        "at": datetime(2026, 1, 2, 8, tzinfo=UTC),
        "local": datetime(2026, 1, 1, 10, tzinfo=UTC).replace(tzinfo=None),
        "day": date(2026, 1, 2),
        "raw": b"\x01",
        "nothing": None,
        "doc": '{"a": [2], "b": 1}',
        "uid": "00000000-0000-0000-0000-000000000001",
        "list": [1, None],
    }


@pytest.mark.postgres
def test_adbc_and_row_by_row_give_the_same(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("adbc_driver_postgresql")
    columns = "small, big, wide, even, name, at, local, day, raw, nothing"
    asked = Query(url=SERVER, query=f'SELECT {columns} FROM "{postgres}".kinds ORDER BY small')
    fast = read_arrow(sa.make_url(SERVER), asked.query, lambda _: None)
    assert fast is not None
    monkeypatch.setattr(query, "read_arrow", lambda *_: None)
    slow, _ = read_query(asked, lambda _: None)
    assert fast.equals(slow)
    assert fast.schema == slow.schema


@pytest.mark.postgres
@pytest.mark.usefixtures("_way")
def test_postgresql_is_only_read(postgres: str) -> None:
    with pytest.raises(InvalidInputError, match=r"read-only transaction|data-modifying"):
        read(url=SERVER, query=f'WITH gone AS (DELETE FROM "{postgres}".kinds RETURNING 1) SELECT * FROM gone')
    assert read(url=SERVER, table=f"{postgres}.kinds").height == 3


@pytest.mark.postgres
def test_times_bound_a_cursor_of_postgresql(postgres: str) -> None:
    least = datetime(2026, 1, 3, 8, tzinfo=UTC)
    frame = read(url=SERVER, table=f"{postgres}.kinds", column="at", least=least)
    assert frame["small"].to_list() == [2, 3]
