from __future__ import annotations

import multiprocessing
import os
import threading
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import ConflictError, StorageError
from millwright.storage.backends.sql import group as group_module
from millwright.storage.backends.sql.database import Database, connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from pathlib import Path


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = connect(f"sqlite:///{tmp_path}/x.db")
    with opened.write() as connection:
        connection.exec_driver_sql("CREATE TABLE p (x INTEGER PRIMARY KEY)")
        connection.exec_driver_sql("CREATE TABLE t (x INTEGER REFERENCES p (x) DEFERRABLE INITIALLY DEFERRED)")
    yield opened
    opened.close()


def add(database: Database, x: int, table: str = "p") -> int:
    with database.write() as connection:
        connection.exec_driver_sql(f"INSERT INTO {table} VALUES (?)", (x,))  # noqa: S608 - a name of ours
    return x


def stored(database: Database) -> list[int]:
    with database.read() as connection:
        return list(connection.exec_driver_sql("SELECT x FROM p ORDER BY x").scalars())


def together(database: Database, *actions: Callable[[], Any]) -> list[Future[Any]]:
    """Futures of actions that come to one transaction."""
    entered, released = threading.Event(), threading.Event()

    def wait() -> None:
        entered.set()
        released.wait(30)

    database.group(wait)
    entered.wait(30)
    futures = [database.group(action) for action in actions]
    released.set()
    return futures


def test_failed_commit_fails_all_its_jobs(database: Database) -> None:
    bad, good = together(database, lambda: add(database, 7, "t"), lambda: add(database, 1))
    for future in (bad, good):  # the reference is checked at the commit
        with pytest.raises(StorageError, match="FOREIGN KEY"):
            future.result(30)
    assert stored(database) == []


def test_jobs_are_tried_alone_once_when_the_transaction_lost_a_race(database: Database) -> None:
    tried: list[str] = []

    def racing(name: str, times: int) -> int:
        tried.append(name)
        if tried.count(name) <= times:
            raise ConflictError("deadlock", details={"sqlstate": "40P01"})
        return add(database, len(tried))

    first, second = together(database, lambda: racing("a", 1), lambda: racing("b", 0))
    assert isinstance(first.result(30), int)
    assert isinstance(second.result(30), int)
    assert tried == ["a", "a", "b"]


def test_job_that_loses_again_alone_fails_alone(database: Database) -> None:
    def losing() -> None:
        raise ConflictError("deadlock", details={"sqlstate": "40P01"})

    first, second = together(database, lambda: add(database, 1), losing)
    assert first.result(30) == 1
    with pytest.raises(ConflictError):
        second.result(30)
    assert stored(database) == [1]


def test_cancelled_job_is_not_run(database: Database) -> None:
    entered, released = threading.Event(), threading.Event()
    database.group(lambda: (entered.set(), released.wait(30)))
    entered.wait(30)
    future = database.group(lambda: add(database, 1))
    assert future.cancel()
    released.set()
    with pytest.raises(CancelledError):
        future.result(30)
    database.close()
    assert stored(database) == []


def test_submitting_waits_while_too_many_jobs_wait(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_module, "JOBS_WAITING", 2)
    futures = together(database, lambda: add(database, 1), lambda: add(database, 2))
    futures += [database.group(lambda n=number: add(database, n)) for number in range(3, 30)]
    assert [future.result(30) for future in futures] == list(range(1, 30))


def test_thread_ends_when_there_is_nothing_to_do_and_comes_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_module, "_IDLE_S", 0.01)
    for number in range(5):
        assert database.group(lambda n=number: add(database, n)).result(30) == number
        for thread in threading.enumerate():
            if thread.name == "millwright-writer":
                thread.join(30)
    assert stored(database) == list(range(5))


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_forked_process_has_a_writer_of_its_own(database: Database) -> None:
    database.use_write_ahead_log()
    database.group(lambda: add(database, 1)).result(30)
    results: Any = multiprocessing.get_context("fork").SimpleQueue()

    def child() -> None:
        results.put(database.group(lambda: add(database, 2)).result(30))

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    assert results.get() == 2
    process.join()
    assert database.group(lambda: add(database, 3)).result(30) == 3
    assert stored(database) == [1, 2, 3]
