"""Connections, transactions and errors of one database."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections import deque
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.pool import QueuePool

from millwright.core.errors import ConfigurationError, MissingExtraError, StorageError
from millwright.storage.backends.sql.failure import BUSY_TIMEOUT_S, explained, hint, lost_race, refused
from millwright.storage.backends.sql.group import CommitGroup
from millwright.storage.backends.sql.regex import matches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from types import TracebackType

    from sqlalchemy import Connection, Engine, Table

T = TypeVar("T")
_FULL, _LIGHT, _READS = "full", "light", "reads"  # kinds of transactions; light ones need not wait for the disk
_KIND = "millwright_kind"
_SYNCHRONOUS = "millwright_synchronous"  # what a SQLite connection is set to
_MAPPED_BYTES = 2**31
_MOST_IDLE = 5


class _Open(threading.local):
    """What a thread has open: its transaction's connection, and what to call when that is durable.

    Attributes:
        depth: How many savepoints are open, for their names.
        fresh: The savepoint of a job that has written nothing yet; the job's first write need not make its own.
    """

    def __init__(self) -> None:
        self.connection: Connection | None = None
        self.actions: list[Callable[[], None]] = []
        self.depth = 0
        self.fresh = ""


class Database:
    """One SQLite file or PostgreSQL database; threads share it, and a forked process opens its own connections.

    A thread that is inside `write` keeps one connection: calls inside join its transaction as savepoints, so that an
    inner failure that is caught leaves what was written before it.

    Args:
        engine: Made by `connect`.
        name: What errors call it: the file's path, or the URL without its password.
    """

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._insert: Any = _insert_of(engine.dialect.name)
        if not self._is_sqlite:
            self._light = engine.execution_options(**{_KIND: _LIGHT})
            self._reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._name = name
        self._pid = os.getpid()
        self._open = _Open()
        self._idle: deque[Connection] = deque()
        self._parents: deque[Connection] = deque()
        self._group = CommitGroup(self)
        sa.event.listen(engine, "handle_error", lambda context: refused(context.original_exception))

    @property
    def name(self) -> str:
        """The file's path, or the URL without its password."""
        return self._name

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a SQLite file; otherwise it is PostgreSQL."""
        return self._is_sqlite

    def insert(self, table: Table) -> Any:
        """An INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update`, in this database's dialect."""
        return self._insert(table)

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        """A transaction that commits at its end; inside another one of this thread, a savepoint of it.

        Args:
            durable: Whether the commit waits for the disk. Otherwise it survives the process, and not a power cut.
        """
        self._leave_parent_process()
        opened = self._open
        if opened.connection is not None:
            with self._explained(), self._savepoint(opened.connection) as connection:
                yield connection
            return
        try:
            with self._explained(), self._transaction(_FULL if durable else _LIGHT) as connection:
                opened.connection = connection
                try:
                    yield connection
                finally:
                    opened.connection = None
        finally:
            actions, opened.actions = opened.actions, []
            opened.depth, opened.fresh = 0, ""
        for action in actions:
            action()

    @contextmanager
    def change(self) -> Iterator[Connection]:
        """Like `write` for one statement, which is the last thing in the context that may raise.

        SQLite takes back by itself what a failed statement has done, so that it needs no savepoint.
        """
        self._leave_parent_process()
        opened = self._open
        if opened.connection is None or not self.is_sqlite:
            with self.write() as connection:
                yield connection
            return
        opened.fresh = ""  # whoever writes next must not take this back
        with self._explained():
            yield opened.connection

    @contextmanager
    def job(self) -> Iterator[None]:
        """Inside `write`: what is written in this context is taken back when it raises, and nothing else."""
        connection = self._open.connection
        if connection is None:
            raise RuntimeError("A job runs inside a transaction.")
        with self._explained(), self._savepoint(connection):
            self._open.fresh = f"s{self._open.depth}"
            yield

    def group(self, action: Callable[[], T]) -> Future[T]:
        """See `Transactions.group`."""
        self._leave_parent_process()
        return self._group.submit(action)

    @property
    def is_writing(self) -> bool:
        """Whether this thread has a transaction open."""
        self._leave_parent_process()
        return self._open.connection is not None

    @contextmanager
    def _transaction(self, kind: str) -> Iterator[Connection]:
        if not self.is_sqlite:
            engine = self._engine if kind == _FULL else self._light if kind == _LIGHT else self._reader
            with engine.begin() as connection:
                yield connection
            return
        with self._borrowed() as connection:
            # By hand: SQLAlchemy's own takes as long as what most transactions write. It begins one of its own when it
            # is given a statement, which is nothing but a note: the driver is told to begin and to end here only.
            driver: Any = connection.connection.driver_connection
            # Taking the write lock at once waits for other writers; upgrading a read later fails when one was faster.
            try:
                if kind == _READS:
                    driver.execute("BEGIN")
                else:
                    _wait_for_disk(connection, driver, "NORMAL" if kind == _LIGHT else "FULL")
                    driver.execute("BEGIN IMMEDIATE")
                yield connection
                driver.commit()
            except BaseException:
                driver.rollback()
                raise

    @contextmanager
    def _borrowed(self) -> Iterator[Connection]:
        """A connection to SQLite; kept for whoever comes next, since the engine's pool takes longer than a read."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._engine.connect()
        try:
            yield connection
            if connection.in_transaction():
                connection.rollback()  # the note alone: the driver has ended it
        except BaseException:
            connection.close()
            raise
        if len(self._idle) < _MOST_IDLE:
            self._idle.append(connection)
        else:
            connection.close()

    @contextmanager
    def _savepoint(self, connection: Connection) -> Iterator[Connection]:
        # By hand: SQLAlchemy's own costs a hundred microseconds, as much as what is written inside.
        opened, before, fresh = self._open, len(self._open.actions), self._open.fresh
        opened.fresh = ""
        driver = connection.connection.driver_connection
        if not fresh:
            opened.depth += 1
            driver.execute(f"SAVEPOINT s{opened.depth}")  # type: ignore[union-attr]
        name = fresh or f"s{opened.depth}"
        try:
            yield connection
        except BaseException as error:
            if lost_race(error):  # the whole transaction is to be given up
                raise
            del opened.actions[before:]
            try:
                driver.execute(f"ROLLBACK TO SAVEPOINT {name}")  # type: ignore[union-attr]
            except Exception as lost:
                raise error from lost  # the connection broke: what matters is why
            opened.fresh = fresh  # the job stands where it began
            raise
        else:
            opened.fresh = ""
            if not fresh:
                driver.execute(f"RELEASE SAVEPOINT {name}")  # type: ignore[union-attr]
        finally:
            if not fresh:
                opened.depth -= 1

    def after_commit(self, action: Callable[[], None]) -> None:
        """Call something once this thread's open transaction is durable; at once when none is open."""
        self._leave_parent_process()
        if self._open.connection is None:
            action()
        else:
            self._open.actions.append(action)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view of what is committed, and of what this thread's open transaction has written."""
        self._leave_parent_process()
        with self._explained():
            if self._open.connection is not None:
                yield self._open.connection
                return
            with self._transaction(_READS) as connection:
                yield connection

    def use_write_ahead_log(self) -> None:
        """Let readers of a SQLite file go on while another process writes; stays with the file."""
        # Switching needs the file for itself for a moment, and SQLite does not wait for that by itself.
        give_up = time.monotonic() + BUSY_TIMEOUT_S
        while True:
            try:
                with closing(sqlite3.connect(self._name, timeout=0, isolation_level=None)) as connection:
                    connection.execute("PRAGMA journal_mode=WAL")
            except sqlite3.Error as error:
                if "locked" not in str(error) or time.monotonic() > give_up:
                    raise StorageError(f"Cannot use the store {self._name}: {error}.", hint=hint(str(error))) from error
                time.sleep(0.05)
            else:
                return

    def close(self) -> None:
        """Close the connections that are not in use; the database may be used again."""
        self._leave_parent_process()
        self._group.close()
        with suppress(IndexError):
            while True:
                self._idle.pop().close()
        self._engine.dispose()

    def _leave_parent_process(self) -> None:
        # A connection that is used on both sides of a fork corrupts SQLite files and PostgreSQL's protocol.
        if self._pid != os.getpid():
            self._engine.dispose(close=False)
            self._parents = self._idle  # never given back: that would be a use on both sides
            self._idle = deque()
            self._open = _Open()
            self._group = CommitGroup(self)
            self._pid = os.getpid()

    def _explained(self) -> _Explained:
        return _Explained(self._name)


class _Explained:
    """A context whose errors of SQLAlchemy and of drivers are ours; no generator, since every call enters it."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        known = explained(error, self._name) if isinstance(error, Exception) else None
        if known is not None:
            raise known from error


def connect(url: str) -> Database:
    """Prepare a database for use; connects only when it is first read or written.

    Args:
        url: `sqlite:////absolute/path.db` or `postgresql://user@host/database`.

    Raises:
        ConfigurationError: The URL is of another kind.
        MissingExtraError: The PostgreSQL driver is not installed.
        StorageError: The folder of a SQLite file cannot be made, or the path is a folder.
    """
    scheme, separator, rest = url.partition("://")
    if separator and scheme == "sqlite" and len(rest) > 1:
        return _connect_sqlite(Path(rest[1:]))
    if separator and scheme in {"postgresql", "postgres", "postgresql+psycopg"}:
        return _connect_postgresql(f"postgresql+psycopg://{rest}")
    raise ConfigurationError(
        f"Expected a store URL that begins with sqlite:/// or postgresql://, found {scheme!r}.",
        hint="Write for example sqlite:////home/me/project/.millwright/millwright.db.",
    )


def _connect_sqlite(path: Path) -> Database:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"Cannot make the folder of the store {path}: {error.strerror}.",
            hint="Check the path and its permissions, or choose another workspace folder.",
        ) from error
    if path.is_dir():
        raise StorageError(f"Expected the store {path} to be a file, found a folder.", hint="Choose another path.")
    engine = sa.create_engine(
        # Built from parts: a path may hold the characters that a URL gives a meaning to.
        sa.URL.create("sqlite", database=str(path)),
        connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
        poolclass=QueuePool,
        pool_size=5,
        max_overflow=-1,
    )

    @sa.event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself; `Database` does
        # Read through the page cache of the system, which processes share, not through a copy of each connection's own.
        reading = f"mmap_size={_MAPPED_BYTES}"
        for pragma in ("synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_S * 1000}", reading):
            connection.execute(f"PRAGMA {pragma}")
        # SQLite's own `lower` and LIKE know the letters a to z only.
        connection.create_function("millwright_fold", 1, _folded, deterministic=True)
        connection.create_function("millwright_matches", 2, matches, deterministic=True)

    return Database(engine, str(path))


def _wait_for_disk(connection: Connection, driver: Any, how: str) -> None:
    """Set whether the next commit of a SQLite connection waits; one that does makes all before it durable, too."""
    if connection.info.get(_SYNCHRONOUS, "FULL") != how:
        driver.execute(f"PRAGMA synchronous={how}")
        connection.info[_SYNCHRONOUS] = how


def _connect_postgresql(url: str) -> Database:
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("psycopg", "postgres") from error
    try:
        parsed = sa.make_url(url)
    except (exc.ArgumentError, ValueError) as error:
        raise ConfigurationError(
            "Expected a store URL like postgresql://user:password@host:5432/database, found one that cannot be read.",
            hint="Write special characters in the password as %XX.",
        ) from error
    engine = sa.create_engine(
        parsed,
        connect_args={"application_name": "millwright", "connect_timeout": 10},
        pool_pre_ping=True,
        pool_timeout=BUSY_TIMEOUT_S,
        pool_size=5,
        max_overflow=10,
    )

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get(_KIND) == _LIGHT:
            connection.exec_driver_sql("SET LOCAL synchronous_commit TO OFF")

    return Database(engine, parsed.set(drivername="postgresql").render_as_string(hide_password=True))


def _insert_of(dialect: str) -> Any:
    # Loading the other's would take a tenth of what it takes to open a store.
    if dialect == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as sqlite_insert

        return sqlite_insert
    from sqlalchemy.dialects.postgresql import insert

    return insert


def _folded(value: str | None) -> str | None:
    return None if value is None else value.casefold()
