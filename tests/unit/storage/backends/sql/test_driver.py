from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import InvalidInputError
from millwright.storage.backends.sql import driver
from millwright.storage.backends.sql.database import connect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    database = connect(f"sqlite:///{tmp_path}/x.db")
    with database.write() as opened:
        driver.run(opened, "CREATE TABLE t (x PRIMARY KEY)")
        yield opened
    database.close()


def test_rows_are_plain_tuples(connection: Connection) -> None:
    assert driver.run(connection, "SELECT ?, 'x?'", (1,)).fetchall() == [(1, "x?")]
    assert driver.is_sqlite(connection)


def test_many_rows_are_counted_as_far_as_they_changed_something(connection: Connection) -> None:
    statement = "INSERT INTO t VALUES (?) ON CONFLICT DO NOTHING"
    assert driver.run_many(connection, statement, [(1,), (2,), (1,)]) == 2
    assert driver.run_many(connection, statement, []) in (0, -1)


def test_values_that_cannot_be_stored_are_bad_input(connection: Connection) -> None:
    for value in ("\ud800", 2**70):
        with pytest.raises(InvalidInputError):
            driver.run(connection, "SELECT ?", (value,))
        with pytest.raises(InvalidInputError):
            driver.run_many(connection, "INSERT INTO t VALUES (?)", [(value,)])


def test_plain_text_is_executed_as_it_stands(connection: Connection) -> None:
    driver.run_plain(connection, "INSERT INTO t VALUES ('50 % ?')")
    assert driver.run(connection, "SELECT x FROM t").fetchall() == [("50 % ?",)]


def test_marks_are_as_many_as_values() -> None:
    assert [driver.marks(count) for count in (0, 1, 3)] == ["", "?", "?,?,?"]
