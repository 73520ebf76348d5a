from __future__ import annotations

import multiprocessing
import os
import sqlite3
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from millwright.core.errors import ConfigurationError, InvalidInputError, MissingExtraError, StorageError
from millwright.storage.backends.sql import database as database_module
from millwright.storage.backends.sql.database import Database, connect

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = connect(f"sqlite:///{tmp_path}/x.db")
    with opened.write() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x INTEGER PRIMARY KEY)")
    yield opened
    opened.close()


def add(database: Database, x: int) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO t VALUES (?)", (x,))


def stored(database: Database) -> list[int]:
    with database.read() as connection:
        return list(connection.exec_driver_sql("SELECT x FROM t ORDER BY x").scalars())


def test_sqlite_connection_is_durable_patient_and_checks_references(database: Database) -> None:
    database.use_write_ahead_log()
    database.close()
    with database.read() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 30_000, "foreign_keys": 1}


def test_reader_is_not_blocked_and_sees_one_moment_when_another_writes(database: Database) -> None:
    database.use_write_ahead_log()
    with database.read() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM t").scalar()
        writer = threading.Thread(target=add, args=(database, 1))
        writer.start()
        writer.join(10)
        assert connection.exec_driver_sql("SELECT count(*) FROM t").scalar() == before == 0
    assert stored(database) == [1]


def test_statement_that_fails_takes_back_itself_alone(database: Database) -> None:
    with database.write():
        add(database, 1)
        with pytest.raises(StorageError), database.change() as connection:
            connection.connection.driver_connection.execute(  # type: ignore[union-attr]
                "INSERT INTO t VALUES (2), (1)"
            )
        with database.change() as connection:
            connection.exec_driver_sql("INSERT INTO t VALUES (3)")
    assert stored(database) == [1, 3]


def test_single_change_outside_a_transaction_is_one(database: Database) -> None:
    with database.change() as connection:
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
    with pytest.raises(StorageError), database.change() as connection:
        connection.exec_driver_sql("INSERT INTO t VALUES (2), (1)")
    assert stored(database) == [1]


def test_single_change_of_a_job_stays_when_a_later_write_of_it_is_taken_back(database: Database) -> None:
    def fail() -> None:
        with database.write():
            add(database, 2)
            raise RuntimeError

    with database.write(), database.job():
        with database.change() as connection:
            connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        with pytest.raises(RuntimeError):
            fail()
    assert stored(database) == [1]


@pytest.mark.parametrize("durable", [True, False])
def test_transaction_that_raises_leaves_nothing_and_frees_its_connection(database: Database, durable: bool) -> None:
    def fail() -> None:
        with database.write(durable=durable) as connection:
            connection.execute(sa.text("INSERT INTO t VALUES (1)"))
            connection.connection.driver_connection.execute("INSERT INTO t VALUES (2)")  # type: ignore[union-attr]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert stored(database) == []
    add(database, 3)
    assert stored(database) == [3]


def test_writers_wait_for_each_other(database: Database) -> None:
    entered = threading.Event()

    def slow() -> None:
        with database.write() as connection:
            connection.exec_driver_sql("INSERT INTO t VALUES (1)")
            entered.set()
            time.sleep(0.2)

    thread = threading.Thread(target=slow)
    thread.start()
    entered.wait(10)
    add(database, 2)
    thread.join()
    assert stored(database) == [1, 2]


def test_transaction_is_the_threads_own(database: Database) -> None:
    with database.write():
        others: list[Any] = []
        thread = threading.Thread(target=lambda: others.append(stored(database)))
        thread.start()
        thread.join(10)
        assert others == [[]]


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_forked_process_uses_connections_of_its_own_even_inside_a_transaction(database: Database) -> None:
    database.use_write_ahead_log()
    results: Any = multiprocessing.get_context("fork").SimpleQueue()

    def child() -> None:
        results.put(stored(database))

    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        process = multiprocessing.get_context("fork").Process(target=child)
        process.start()
        seen = results.get()
        process.join()
    assert seen == []  # what the parent has not committed
    assert stored(database) == [1]


def test_lone_surrogate_is_refused_as_bad_input(database: Database) -> None:
    statement = sa.text("INSERT INTO t VALUES (:x)")
    with pytest.raises(InvalidInputError, match="Unicode"), database.write() as connection:
        connection.execute(statement, {"x": "\ud800"})
    assert stored(database) == []


def test_file_that_is_not_sqlite_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"This is a letter, not a database.\n" * 100)
    with pytest.raises(StorageError, match=r"x\.db.*not a database") as caught, connect(f"sqlite:///{path}").read():
        pass
    assert "backup" in caught.value.hint


def test_damaged_file_is_an_error_that_names_it(database: Database) -> None:
    add(database, 1)
    database.close()
    path = Path(database.name)
    data = bytearray(path.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(StorageError, match=r"x\.db"):
        stored(connect(f"sqlite:///{path}"))


def test_folder_in_the_place_of_the_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="found a folder"):
        connect(f"sqlite:///{tmp_path}")


def test_file_in_the_place_of_the_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=r"file/x\.db"):
        connect(f"sqlite:///{tmp_path}/file/x.db")


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="root may read and write everything")
def test_missing_permission_is_an_error_that_names_the_file(database: Database) -> None:
    database.close()
    Path(database.name).chmod(0)
    with pytest.raises(StorageError, match=r"x\.db"):
        stored(database)


def test_file_that_stays_locked_is_an_error_that_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_S", 0)
    database = connect(f"sqlite:///{tmp_path}/x.db")
    with sqlite3.connect(tmp_path / "x.db", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageError, match="locked") as caught, database.write():
            pass
        with pytest.raises(StorageError, match="locked"):
            database.use_write_ahead_log()
    other.close()
    assert "Another process" in caught.value.hint


def test_password_is_not_in_messages() -> None:
    with (
        pytest.raises(StorageError, match=r"127\.0\.0\.1:1") as caught,
        connect("postgresql://ada:secret@127.0.0.1:1/x").read(),
    ):
        pass
    assert "secret" not in str(caught.value)
    assert "server runs" in caught.value.hint


def test_url_that_cannot_be_read_is_refused_without_showing_it() -> None:
    with pytest.raises(ConfigurationError, match="cannot be read") as caught:
        connect("postgresql://ada:secret@host:port/x")
    assert "secret" not in str(caught.value)


def test_missing_driver_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match="psycopg"):
        connect("postgresql://host/x")


def test_many_threads_use_one_database(database: Database) -> None:
    threads = [threading.Thread(target=add, args=(database, number)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert stored(database) == list(range(40))


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are counted in /proc")
def test_close_leaves_no_connection_that_was_kept_for_the_next_caller(database: Database, tmp_path: Path) -> None:
    def opened() -> int:
        found = [os.path.realpath(each) for each in Path("/proc/self/fd").iterdir()]
        return sum(each == str(tmp_path.resolve() / "x.db") for each in found)

    threads = [threading.Thread(target=stored, args=[database]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stored(database) == []
    assert opened() > 0
    database.close()
    assert opened() == 0
    add(database, 1)
    assert stored(database) == [1]
