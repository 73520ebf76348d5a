from __future__ import annotations

import os
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import polars as pl
import pytest
import sqlalchemy as sa

from millwright.core.errors import AlreadyExistsError, InvalidInputError, StorageError
from millwright.core.ids import new_id
from millwright.storage.query import Query, read_query, read_query_batches
from millwright.storage.query_write import Destination, check_destination, write_rows

FRAME = pl.DataFrame(
    {
        "id": [1, 2],
        "x": [0.5, None],
        "ok": [True, None],
        "name": ["a'b", None],
        "day": [date(2026, 1, 1), None],
        "at": [datetime(2026, 1, 1, 12, 0, 0, 5), None],  # noqa: DTZ001 (times without a zone are what is tried)
        "when": [datetime(2026, 1, 1, 12, tzinfo=UTC), None],
        "raw": [b"\x00", None],
        "tags": [["a"], None],
        "kind": pl.Series(["k", None], dtype=pl.Categorical),
        "none": [None, None],
    }
)
SERVER = os.environ.get("MILLWRIGHT_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")


def rows(url, table):
    return pl.concat(read_query_batches(Query(url=url, table=table), 10))


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/t.db"


@pytest.fixture
def schema():
    psycopg = pytest.importorskip("psycopg", reason="needs psycopg: pip install 'millwright[postgres]'")
    try:
        connection = psycopg.connect(SERVER, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        pytest.skip(f"needs PostgreSQL at {SERVER}: {error}")
    name = f"write_{new_id()[-12:]}"
    connection.execute(f'CREATE SCHEMA "{name}"')
    yield name
    connection.execute(f'DROP SCHEMA "{name}" CASCADE')
    connection.close()


def check_values(url, table):
    write_rows(Destination(url=url, table=table), iter([FRAME, FRAME.with_columns(pl.col("id") + 2)]), new_id())
    found = read_query(Query(url=url, query=f"SELECT * FROM {table} ORDER BY id"), lambda _: None)[0]  # noqa: S608
    assert found["id"].to_list() == [1, 2, 3, 4]
    assert found["x"].to_list() == [0.5, None] * 2
    assert found["name"].to_list() == ["a'b", None] * 2
    assert found["raw"].to_list() == [b"\x00", None] * 2
    assert found["tags"].to_list() == ['["a"]', None] * 2
    assert found["kind"].to_list() == ["k", None] * 2
    assert found["none"].to_list() == [None] * 4
    return found


def test_values_come_out_as_they_went_in(url):
    assert check_values(url, "t")["ok"].to_list() == [1, None] * 2  # SQLite has no booleans


@pytest.mark.postgres
def test_postgresql_keeps_more_types(schema):
    times = {"time": [time(12), None], "exact": [Decimal("1.25"), None], "long": [timedelta(hours=1), None]}
    found = check_values(SERVER, f"{schema}.t")
    assert found["ok"].to_list() == [True, None] * 2
    assert found["day"].to_list() == FRAME["day"].to_list() * 2
    assert found["at"].to_list() == FRAME["at"].to_list() * 2
    assert found["when"].to_list() == FRAME["when"].to_list() * 2
    place = Destination(url=SERVER, table=f"{schema}.u")
    frame = pl.DataFrame(times)
    assert write_rows(place, iter([frame]), "job")
    assert not write_rows(place, iter([frame]), "job")
    assert rows(SERVER, f"{schema}.u").rows() == frame.rows()
    write_rows(Destination(url=SERVER, table=f"{schema}.u", mode="replace"), iter([frame.select("exact")]), "two")
    assert rows(SERVER, f"{schema}.u")["exact"].to_list() == [Decimal("1.25"), None]


def test_decimals_are_floats_in_sqlite(url):
    write_rows(Destination(url=url, table="t"), iter([pl.DataFrame({"d": [Decimal("1.25")]})]), "job")
    assert rows(url, "t")["d"].to_list() == [1.25]


def test_append_finds_columns_by_name_and_leaves_others_empty(url):
    with sa.create_engine(url).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (extra INTEGER, b TEXT, a INTEGER)")
    write_rows(Destination(url=url, table="t", mode="append"), iter([pl.DataFrame({"a": [1], "b": ["x"]})]), "job")
    assert rows(url, "t").rows() == [(None, "x", 1)]
    with pytest.raises(InvalidInputError, match="has no column 'bb'") as caught:
        write_rows(Destination(url=url, table="t", mode="append"), iter([pl.DataFrame({"bb": [1]})]), "two")
    assert caught.value.hint == "Did you mean 'b'?"


def test_job_writes_once(url):
    place = Destination(url=url, table="t", mode="append")
    frame = pl.DataFrame({"a": [1]})
    assert write_rows(place, iter([frame]), "job")
    assert not write_rows(place, iter([frame]), "job")
    assert write_rows(place, iter([frame]), "other")
    assert rows(url, "t").height == 2


def test_table_that_is_there_is_refused_unless_this_job_wrote_it(url):
    place = Destination(url=url, table="t")
    check_destination(place, "job")
    write_rows(place, iter([pl.DataFrame({"a": [1]})]), "job")
    check_destination(place, "job")
    for refused in (lambda: check_destination(place, "other"), lambda: write_rows(place, iter([]), "other")):
        with pytest.raises(AlreadyExistsError, match="There is a table 't'"):
            refused()


def test_value_that_does_not_fit_leaves_the_table_as_it_was(url):
    with sa.create_engine(url).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a INTEGER NOT NULL)")
    frames = [pl.DataFrame({"a": [1]}), pl.DataFrame({"a": pl.Series([None], dtype=pl.Int64)})]
    with pytest.raises(InvalidInputError, match="NOT NULL"):
        write_rows(Destination(url=url, table="t", mode="append"), iter(frames), "job")
    assert rows(url, "t").height == 0


def test_database_out_of_reach_is_told(tmp_path):
    with pytest.raises(StorageError, match="Cannot reach the database"):
        check_destination(Destination(url=f"sqlite:///{tmp_path}/gone/t.db", table="t"), "job")
