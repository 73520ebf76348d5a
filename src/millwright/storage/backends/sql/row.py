"""Records to rows and back: the fields that are queried are columns, the rest is JSON in the column `body`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec
from sqlalchemy import Boolean
from sqlalchemy.types import TypeDecorator

from millwright.core.errors import InvalidInputError, StorageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row, Table

R = TypeVar("R")


class RecordRow(Generic[R]):
    """Turns records of one type into rows of one table, and back.

    Attributes:
        columns: The columns of a row, for statements that go to the drivers as texts: `bound` and `read`.

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
        self.columns = (*self._columns, *(["body"] if self._body else []))
        types: dict[str, Any] = {name: table.c[name].type for name in self.columns}
        self._ours: dict[str, Any] = {name: kind for name, kind in types.items() if isinstance(kind, TypeDecorator)}
        self._ours_at = [(place, self._ours[name]) for place, name in enumerate(self.columns) if name in self._ours]
        self._truths = [name for name, kind in types.items() if isinstance(kind, Boolean)]

    def values(self, record: R) -> dict[str, Any]:
        """A record's row, by column name; without `seq`.

        Raises:
            InvalidInputError: A field holds something that JSON has no form for.
        """
        row = {name: self._plain(name, getattr(record, name)) for name in self._columns}
        if self._body:
            row["body"] = self._json(self._body, {name: getattr(record, name) for name in self._body})
        return row

    def bound(self, record: R) -> list[Any]:
        """A record's row as the drivers take it, in the order of `columns`.

        Raises:
            InvalidInputError: A field holds something that JSON has no form for.
        """
        row = [self._plain(name, getattr(record, name)) for name in self._columns]
        if self._body:
            row.append(self._json(self._body, {name: getattr(record, name) for name in self._body}))
        for place, kind in self._ours_at:
            row[place] = kind.process_bind_param(row[place], None)
        return row

    def read(self, values: Sequence[Any]) -> R:
        """The record of a row as the drivers give it, in the order of `columns`.

        Raises:
            StorageError: As `record` does.
        """
        row = dict(zip(self.columns, values, strict=True))
        for name, kind in self._ours.items():
            row[name] = kind.process_result_value(row[name], None)
        for name in self._truths:
            row[name] = None if row[name] is None else bool(row[name])  # SQLite has numbers for them
        return self._converted(row)

    def _plain(self, name: str, value: Any) -> Any:
        # Drivers differ in what they make of enums; datetimes are the business of the column type.
        if isinstance(value, Enum):
            return value.value
        if value is None or isinstance(value, str | int | float | bytes | datetime):
            return value
        return self._json((), value, name)

    def _json(self, names: Sequence[str], value: Any, name: str = "") -> Any:
        """JSON values of one field, or of several by name: at once, unless one has to be told from the others."""
        try:
            return msgspec.to_builtins(value, str_keys=True, enc_hook=_builtin)
        except (TypeError, ValueError) as error:
            for each in names:
                self._json((), value[each], each)
            raise InvalidInputError(
                f"Expected JSON values in '{name}' of a {self._record.__name__}, found another: {error}.",
                hint="Use text, numbers, booleans, None, lists and mappings.",
            ) from error

    def record(self, row: Row[Any]) -> R:
        """The record of a row of this table.

        Raises:
            StorageError: The row does not fit the record: someone changed the database by other means.
        """
        stored = row._mapping  # noqa: SLF001 - the documented way to read a row by name
        return self._converted({name: stored[name] for name in self.columns})

    def _converted(self, fields: dict[str, Any]) -> R:
        if self._body:
            fields |= fields.pop("body")
        try:
            return msgspec.convert(fields, self._record)
        except msgspec.ValidationError as error:
            raise StorageError(
                f"A row of the table {self._table.name} is not a {self._record.__name__}: {error}.",
                hint="Restore the database from a backup; something other than Millwright wrote to it.",
            ) from error


def _builtin(value: Any) -> Any:
    """The JSON value of something that is nearly one: a read-only mapping, or a NumPy number."""
    if isinstance(value, Mapping):
        return dict(value)
    if callable(getattr(value, "item", None)):
        return value.item()
    raise TypeError(f"a value of type {type(value).__name__}")
