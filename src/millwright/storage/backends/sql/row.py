"""Records to rows and back: the fields that are queried are columns, the rest is JSON in the column `body`."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

from millwright.core.errors import StorageError

if TYPE_CHECKING:
    from sqlalchemy import Row, Table

R = TypeVar("R")


class RecordRow(Generic[R]):
    """Turns records of one type into rows of one table, and back.

    Args:
        record: A frozen dataclass.
        table: Has a column for some of its fields, and `body` for the others (if there are any).
    """

    def __init__(self, record: type[R], table: Table) -> None:
        names = [field.name for field in dataclasses.fields(record)]  # type: ignore[arg-type]
        self._record = record
        self._table = table
        self._columns = tuple(name for name in names if name in table.c)
        self._body = tuple(name for name in names if name not in table.c)
        if self._body and "body" not in table.c:
            raise TypeError(f"The table {table.name} has no column for {', '.join(self._body)}.")

    def values(self, record: R) -> dict[str, Any]:
        """A record's row, by column name; without `seq`."""
        row = {name: _plain(getattr(record, name)) for name in self._columns}
        if self._body:
            row["body"] = {name: msgspec.to_builtins(getattr(record, name)) for name in self._body}
        return row

    def record(self, row: Row[Any]) -> R:
        """The record of a row of this table.

        Raises:
            StorageError: The row does not fit the record: someone changed the database by other means.
        """
        stored = row._mapping  # noqa: SLF001 - the documented way to read a row by name
        fields = {name: stored[name] for name in self._columns}
        if self._body:
            fields |= stored["body"]
        try:
            return msgspec.convert(fields, self._record)
        except msgspec.ValidationError as error:
            raise StorageError(
                f"A row of the table {self._table.name} is not a {self._record.__name__}: {error}.",
                hint="Restore the database from a backup; something other than Millwright wrote to it.",
            ) from error


def _plain(value: Any) -> Any:
    # Drivers differ in what they make of enums; datetimes are the business of the column type.
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int | float | datetime):
        return value
    return msgspec.to_builtins(value)
