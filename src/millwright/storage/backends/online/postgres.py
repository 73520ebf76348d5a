"""The online store in a PostgreSQL database: one table for the rows of all views, written by upserts that compare."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, ClassVar

from millwright.core.errors import MissingExtraError, StorageError
from millwright.storage.base.online import ORDER_BYTES, OnlineStore, check_keys, check_view, newest_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from millwright.storage.base.online import OnlineRow, Swap

_SHORT, _LONG = b"\0", b"\1"
_LONGEST_KEY = 1000  # an index entry has to fit three times into a page of 8 kB
_KEY_DIGEST_BYTES = 32
_NO_ORDER = bytes(ORDER_BYTES)
_ROWS_A_STATEMENT = 5000
_PAGE = 5000
_CONNECT_S = 5
_LOCK = 0x6D696C6C  # any number, the same in all processes

_CREATE = """
SELECT pg_advisory_xact_lock({lock});
CREATE TABLE IF NOT EXISTS {prefix}_online_rows (
    view text COLLATE "C" NOT NULL, id bytea NOT NULL, long_key bytea, row_order bytea NOT NULL, value bytea NOT NULL,
    PRIMARY KEY (view, id)
) WITH (fillfactor = 80);
CREATE TABLE IF NOT EXISTS {prefix}_online_states (view text PRIMARY KEY, state bytea NOT NULL)
"""
_PUT = """
INSERT INTO {prefix}_online_rows AS known (view, id, long_key, row_order, value)
SELECT %b, * FROM unnest(%b::bytea[], %b::bytea[], %b::bytea[], %b::bytea[])
ON CONFLICT (view, id) DO UPDATE SET row_order = excluded.row_order, value = excluded.value
"""
_ONLY_NEWER = "WHERE excluded.row_order >= known.row_order"
_GET_ONE = "SELECT id, value FROM {prefix}_online_rows WHERE view = %b AND id = ANY(%b::bytea[])"
_GET = """
SELECT asked.number, known.value
FROM unnest(%b::text[], %b::bytea[]) WITH ORDINALITY AS asked (view, id, number)
JOIN {prefix}_online_rows AS known ON known.view = asked.view AND known.id = asked.id
"""
_ADD = """
INSERT INTO {prefix}_online_rows (view, id, long_key, row_order, value) VALUES (%b, %b, %b, %b, %b)
ON CONFLICT (view, id) DO NOTHING
"""
_CHANGE = """
UPDATE {prefix}_online_rows SET value = %b, row_order = %b WHERE view = %b AND id = %b AND value = %b
"""
_KEYS = """
SELECT id, long_key FROM {prefix}_online_rows WHERE view = %b AND id > %b ORDER BY id LIMIT {page}
"""
_COUNT = "SELECT count(*) FROM {prefix}_online_rows WHERE view = %b"
_DELETE = "DELETE FROM {prefix}_online_rows WHERE view = %b AND id = ANY(%b::bytea[])"
_DROP_ROWS = "DELETE FROM {prefix}_online_rows WHERE view = %b"
_DROP_STATE = "DELETE FROM {prefix}_online_states WHERE view = %b"
_VIEWS = "SELECT DISTINCT view FROM {prefix}_online_rows"
_GET_STATE = "SELECT state FROM {prefix}_online_states WHERE view = %b"
_PUT_STATE = """
INSERT INTO {prefix}_online_states (view, state) VALUES (%b, %b)
ON CONFLICT (view) DO UPDATE SET state = excluded.state
"""


class PostgresOnlineStore(OnlineStore):
    """Values in tables of a PostgreSQL database. See `OnlineStore` for what each method does.

    Each thread has a connection of its own, and one that broke is opened anew.

    Args:
        url: `postgresql://user@host/database`.
        prefix: What the tables' names begin with; letters, digits and `_`.
    """

    rows_a_put: ClassVar[int] = _ROWS_A_STATEMENT

    def __init__(self, url: str, *, prefix: str = "millwright") -> None:
        self._url = url
        self._prefix = prefix
        self._local = threading.local()
        self._opening = threading.Lock()
        self._connections: list[tuple[int, Any]] = []
        self._is_ready = False
        self._names = {"prefix": prefix, "lock": _LOCK, "page": _PAGE}

    def put(self, view: str, rows: Sequence[OnlineRow], *, replace: bool = False) -> int:
        """See `OnlineStore.put`."""
        check_view(view)
        newest = newest_rows(rows, replace=replace)
        statement = self._text(_PUT) + ("" if replace else _ONLY_NEWER)
        written = 0
        for start in range(0, len(newest), _ROWS_A_STATEMENT):
            part = newest[start : start + _ROWS_A_STATEMENT]
            values = (
                view,
                [_id(key) for key, _, _ in part],
                [_long_key(key) for key, _, _ in part],
                [order for _, order, _ in part],
                [value for _, _, value in part],
            )
            written += self._execute(statement, values).rowcount
        return written

    def get(self, wanted: Sequence[tuple[str, Sequence[bytes]]]) -> list[list[bytes | None]]:
        """See `OnlineStore.get`."""
        for view, _ in wanted:
            check_view(view)
        if len(wanted) == 1:
            view, keys = wanted[0]
            ids = [_id(key) for key in keys]
            found = dict(self._execute(self._text(_GET_ONE), (view, ids)).fetchall()) if ids else {}
            return [[found.get(each) for each in ids]]
        views = [view for view, keys in wanted for _ in keys]
        ids = [_id(key) for _, keys in wanted for key in keys]
        rows = dict(self._execute(self._text(_GET), (views, ids)).fetchall()) if ids else {}
        values = iter([rows.get(number) for number in range(1, len(ids) + 1)])
        return [[next(values) for _ in keys] for _, keys in wanted]

    def swap(self, view: str, changes: Sequence[Swap]) -> list[bool]:
        """See `OnlineStore.swap`."""
        check_view(view)
        check_keys([change.key for change in changes])

        def swap_all(cursor: Any) -> dict[bytes, bool]:
            made = {}
            # Each statement is a transaction of its own, so that writers cannot block one another.
            for key, expected, value in changes:
                if expected is None:
                    row = (view, _id(key), _long_key(key), _NO_ORDER, value)
                    cursor.execute(self._text(_ADD), row)
                else:
                    cursor.execute(self._text(_CHANGE), (value, _NO_ORDER, view, _id(key), expected))
                made[key] = cursor.rowcount == 1
            return made

        made = self._run(swap_all, again=False) if changes else {}
        return [made[change.key] for change in changes]

    def count(self, view: str) -> int:
        """See `OnlineStore.count`."""
        check_view(view)
        return int(self._execute(self._text(_COUNT), (view,)).fetchone()[0])

    def iter_keys(self, view: str) -> Iterator[bytes]:
        """See `OnlineStore.iter_keys`."""
        check_view(view)
        after = b""
        while True:
            page = self._execute(self._text(_KEYS), (view, after)).fetchall()
            yield from (given[1:] if long_key is None else long_key for given, long_key in page)
            if len(page) < _PAGE:
                return
            after = page[-1][0]

    def delete(self, view: str, keys: Sequence[bytes]) -> int:
        """See `OnlineStore.delete`."""
        check_view(view)
        return int(self._execute(self._text(_DELETE), (view, [_id(key) for key in keys])).rowcount)

    def drop(self, view: str) -> None:
        """See `OnlineStore.drop`."""
        check_view(view)
        self._execute(self._text(_DROP_ROWS), (view,))
        self._execute(self._text(_DROP_STATE), (view,))

    def list_views(self) -> list[str]:
        """See `OnlineStore.list_views`."""
        return sorted(view for (view,) in self._execute(self._text(_VIEWS)).fetchall())

    def get_state(self, view: str) -> bytes | None:
        """See `OnlineStore.get_state`."""
        check_view(view)
        found = self._execute(self._text(_GET_STATE), (view,)).fetchone()
        return None if found is None else bytes(found[0])

    def put_state(self, view: str, state: bytes) -> None:
        """See `OnlineStore.put_state`."""
        check_view(view)
        self._execute(self._text(_PUT_STATE), (view, state))

    def close(self) -> None:
        """See `OnlineStore.close`."""
        with self._opening:
            connections, self._connections = self._connections, []
            self._local = threading.local()
        for pid, connection in connections:
            if pid == os.getpid():  # what a parent opened is the parent's
                connection.close()

    def _text(self, statement: str) -> str:
        """A statement on this store's tables."""
        return statement.format(**self._names)

    def _execute(self, statement: str, values: Sequence[Any] = ()) -> Any:
        return self._run(lambda cursor: cursor.execute(statement, values))

    def _run(self, work: Callable[[Any], Any], *, again: bool = True) -> Any:
        """Call `work(cursor)`; once more on a new connection when the server had closed the old one."""
        with self._errors() as library:
            connection, is_new = self._connection(library)
            try:
                return work(connection.cursor(binary=True))
            except library.OperationalError:
                if is_new or not again or not connection.closed:
                    raise
            connection, _ = self._connection(library)
            return work(connection.cursor(binary=True))

    def _connection(self, library: Any) -> tuple[Any, bool]:
        known = getattr(self._local, "known", None)
        if known is not None and known[0] == os.getpid() and not known[1].closed:
            return known[1], False
        connection = library.connect(self._url, autocommit=True, connect_timeout=_CONNECT_S)
        with self._opening:
            if not self._is_ready:
                with connection.transaction():
                    connection.execute(self._text(_CREATE))
                self._is_ready = True
            self._connections = [each for each in self._connections if not each[1].closed]
            self._connections.append((os.getpid(), connection))
            self._local.known = (os.getpid(), connection)
        return connection, True

    @contextmanager
    def _errors(self) -> Iterator[Any]:
        try:
            import psycopg
        except ImportError as error:
            raise MissingExtraError("psycopg", "postgres") from error
        try:
            yield psycopg
        except psycopg.Error as error:
            raise StorageError(
                f"Cannot use the online store in PostgreSQL: {' '.join(str(error).split())[:300]}.",
                hint="Is the server there? See the setting 'online'.",
            ) from error


def _id(key: bytes) -> bytes:
    if len(key) <= _LONGEST_KEY:
        return _SHORT + key
    return _LONG + blake2b(key, digest_size=_KEY_DIGEST_BYTES).digest()


def _long_key(key: bytes) -> bytes | None:
    return None if len(key) <= _LONGEST_KEY else key
