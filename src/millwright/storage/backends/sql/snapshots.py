"""All records of a database as JSON lines, and back."""

from __future__ import annotations

import base64
import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from millwright.core.errors import ConflictError, InvalidInputError
from millwright.storage.backends.sql.column import METADATA
from millwright.storage.backends.sql.revision import HEAD, declare_all
from millwright.storage.base.snapshots import SnapshotStore, digests_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection, Table

    from millwright.core.ids import Digest
    from millwright.storage.backends.sql.database import Database

_ROWS = 1000
_BYTES = "base64"
_OF_PROCESSES = "leases"  # which end with their processes
_EXPERIMENTS = "experiments"  # of which a new store has one: Default


class SqlSnapshotStore(SnapshotStore):
    """See `SnapshotStore`."""

    def __init__(self, database: Database) -> None:
        declare_all()  # stores load their tables when they are asked for, and a snapshot is of all of them
        self._database = database

    @property
    def revision(self) -> str:
        """See `SnapshotStore.revision`."""
        return HEAD

    def dump(self) -> Iterator[bytes]:
        """See `SnapshotStore.dump`."""
        with self._database.read() as connection:
            _is_empty(connection)  # the first read is the moment, on both databases
            for table in _kept_tables():
                names = [column.name for column in table.columns]
                yield _line({"table": table.name, "columns": names})
                # As text, so that values come as the driver has them, without the columns' types between.
                chosen = sa.text(f"SELECT {', '.join(map(_quoted, names))} FROM {_quoted(table.name)}")  # noqa: S608
                options = {"stream_results": True, "yield_per": _ROWS}
                with closing(connection.execute(chosen, execution_options=options)) as rows:
                    for row in rows:
                        yield _line([_plain(value) for value in row])

    def load(self, lines: Iterable[bytes]) -> int:
        """See `SnapshotStore.load`."""
        with self._database.write() as connection:
            if not _is_empty(connection):
                raise ConflictError(
                    f"Expected {self._database.name} to be empty, found records.", hint="Restore into a new workspace."
                )
            for table in reversed(_kept_tables()):
                connection.execute(sa.delete(table))
            count = 0
            batch: list[dict[str, Any]] = []
            reader: _TableReader | None = None
            for line in lines:
                read = _parsed(line)
                if isinstance(read, dict):
                    _insert(connection, reader, batch)
                    reader = _TableReader(read)
                elif reader is None:
                    raise _no_snapshot("a row before its table")
                else:
                    batch.append(reader.row(read))
                    count += 1
                if len(batch) >= _ROWS:
                    _insert(connection, reader, batch)
            _insert(connection, reader, batch)
            if not self._database.is_sqlite:
                _continue_sequences(connection)
        return count

    def is_empty(self) -> bool:
        """See `SnapshotStore.is_empty`."""
        with self._database.read() as connection:
            return _is_empty(connection)

    def named_digests(self) -> set[Digest]:
        """See `SnapshotStore.named_digests`."""
        return {digest for line in self.dump() for digest in digests_in(line)}


class _TableReader:
    """Makes rows of one table from arrays."""

    def __init__(self, header: dict[str, Any]) -> None:
        table = METADATA.tables.get(str(header.get("table")))
        names = header.get("columns")
        if table is None or not isinstance(names, list) or not all(name in table.columns for name in names):
            raise _no_snapshot(f"the table {header.get('table')!r} with columns that this Millwright does not know")
        self.table: Table = table
        self._names = names
        self._booleans = {name for name in names if isinstance(table.columns[name].type, sa.Boolean)}
        marks = ", ".join(f":v{at}" for at in range(len(names)))
        columns = ", ".join(map(_quoted, names))
        self.insert = sa.text(f"INSERT INTO {_quoted(table.name)} ({columns}) VALUES ({marks})")  # noqa: S608

    def row(self, values: Any) -> dict[str, Any]:
        if not isinstance(values, list) or len(values) != len(self._names):
            raise _no_snapshot(f"a row of {self.table.name} that does not fit its columns")
        return {f"v{at}": self._value(name, values[at]) for at, name in enumerate(self._names)}

    def _value(self, name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return base64.b64decode(str(value.get(_BYTES, "")))
        return bool(value) if name in self._booleans and value is not None else value


def _insert(connection: Connection, reader: _TableReader | None, batch: list[dict[str, Any]]) -> None:
    if reader is not None and batch:
        connection.execute(reader.insert, batch)
        batch.clear()


def _kept_tables() -> list[Table]:
    return [table for table in METADATA.sorted_tables if table.name != _OF_PROCESSES]


def _is_empty(connection: Connection) -> bool:
    for table in _kept_tables():
        allowed = 1 if table.name == _EXPERIMENTS else 0
        if len(connection.execute(sa.select(sa.literal(1)).select_from(table).limit(allowed + 1)).all()) > allowed:
            return False
    return True


def _continue_sequences(connection: Connection) -> None:
    for table in METADATA.sorted_tables:
        for column in table.columns:
            if column.identity is not None:
                top = f"SELECT max({_quoted(column.name)}) FROM {_quoted(table.name)}"  # noqa: S608 - our own names
                sequence = f"pg_get_serial_sequence('{table.name}', '{column.name}')"
                connection.exec_driver_sql(f"SELECT setval({sequence}, ({top})) WHERE ({top}) > 0")


def _quoted(name: str) -> str:
    return f'"{name}"'


def _plain(value: Any) -> Any:
    if isinstance(value, bool):  # SQLite has numbers there
        return int(value)
    if isinstance(value, bytes | memoryview):
        return {_BYTES: base64.b64encode(value).decode()}
    return value


def _line(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise _no_snapshot(f"a line that is not JSON ({error})") from error


def _no_snapshot(found: str) -> InvalidInputError:
    return InvalidInputError(
        f"Expected records as a backup holds them, found {found}.", hint="Use a backup that is whole, of this version."
    )
