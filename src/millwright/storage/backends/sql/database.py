"""Connections, transactions and errors of one database."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.pool import QueuePool

from millwright.core.errors import (
    ConfigurationError,
    ConflictError,
    InvalidInputError,
    MissingExtraError,
    StorageError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine, Table
    from sqlalchemy.engine import ExceptionContext

BUSY_TIMEOUT_S = 30
_WRITES = "millwright_writes"
_DEADLOCKED = ("40P01", "40001")  # PostgreSQL: deadlock_detected, serialization_failure


class _Open(threading.local):
    """What a thread has open: its transaction's connection, and what to call when that is durable."""

    def __init__(self) -> None:
        self.connection: Connection | None = None
        self.actions: list[Callable[[], None]] = []


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
        self._writer = engine.execution_options(**{_WRITES: True})
        self._reader = (
            engine
            if self.is_sqlite
            else engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        )
        self._name = name
        self._pid = os.getpid()
        self._open = _Open()
        sa.event.listen(engine, "handle_error", _refuse_surrogates)

    @property
    def name(self) -> str:
        """The file's path, or the URL without its password."""
        return self._name

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a SQLite file; otherwise it is PostgreSQL."""
        return self._engine.dialect.name == "sqlite"

    def insert(self, table: Table) -> Any:
        """An INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update`, in this database's dialect."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits at its end; inside another one of this thread, a savepoint of it."""
        self._leave_parent_process()
        if self._open.connection is not None:
            with self._explained(), self._savepoint(self._open.connection) as connection:
                yield connection
            return
        try:
            with self._explained(), self._writer.begin() as connection:
                self._open.connection = connection
                try:
                    yield connection
                finally:
                    self._open.connection = None
        finally:
            actions, self._open.actions = self._open.actions, []
        for action in actions:
            action()

    @contextmanager
    def _savepoint(self, connection: Connection) -> Iterator[Connection]:
        before = len(self._open.actions)
        try:
            with connection.begin_nested():
                yield connection
        except BaseException:
            del self._open.actions[before:]
            raise

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
            with self._reader.connect() as connection:
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
                    raise StorageError(
                        f"Cannot use the store {self._name}: {error}.", hint=_hint(str(error))
                    ) from error
                time.sleep(0.05)
            else:
                return

    def close(self) -> None:
        """Close the connections that are not in use; the database may be used again."""
        self._leave_parent_process()
        self._engine.dispose()

    def _leave_parent_process(self) -> None:
        # A connection that is used on both sides of a fork corrupts SQLite files and PostgreSQL's protocol.
        if self._pid != os.getpid():
            self._engine.dispose(close=False)
            self._open = _Open()
            self._pid = os.getpid()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except exc.DBAPIError as error:
            raise self._explanation(error) from error
        except exc.TimeoutError as error:
            raise StorageError(
                f"No connection to {self._name} became free within {BUSY_TIMEOUT_S} s.",
                hint="Use fewer threads, or look for a transaction that is kept open.",
            ) from error

    def _explanation(self, error: exc.DBAPIError) -> Exception:
        reason = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
        if getattr(error.orig, "sqlstate", None) in _DEADLOCKED:
            return ConflictError(
                f"Another process changed the same records at the same moment in {self._name}: {reason}.",
                hint="Try again.",
            )
        if isinstance(error, exc.DataError) or "NUL (0x00)" in reason:
            return InvalidInputError(f"A value cannot be stored: {reason}.", hint="Remove it or write it differently.")
        return StorageError(f"Cannot use the store {self._name}: {reason}.", hint=_hint(reason))


def _refuse_surrogates(context: ExceptionContext) -> InvalidInputError | None:
    # The drivers raise this by themselves, and SQLAlchemy hands it on as it is.
    if not isinstance(context.original_exception, UnicodeError):
        return None
    return InvalidInputError(
        f"Text that is not valid Unicode cannot be stored: {context.original_exception}.",
        hint="Remove lone surrogates from names and values.",
    )


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
        connection.isolation_level = None  # the driver begins nothing by itself; `_begin` does
        for pragma in ("synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_S * 1000}"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # Taking the write lock at once waits for other writers; upgrading a read later fails when one was faster.
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return Database(engine, str(path))


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
    return Database(engine, parsed.set(drivername="postgresql").render_as_string(hide_password=True))


def _hint(reason: str) -> str:
    hints = {
        "not a database": "The file is not an SQLite database; choose another path or restore it from a backup.",
        "malformed": "The file is damaged; restore it from a backup.",
        "unable to open": "Check that the folder exists and that you may read and write it.",
        "readonly": "Check that you may write the file and its folder.",
        "is locked": f"Another process kept it locked for more than {BUSY_TIMEOUT_S} s; look for it and try again.",
        "full": "Make room on the disk and try again.",
        "connection": "Check that the server runs, and the host, port, user and password in the URL.",
    }
    return next((hint for part, hint in hints.items() if part in reason), "")
