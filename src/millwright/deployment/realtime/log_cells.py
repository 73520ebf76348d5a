"""Features or outputs of rows that came one by one, from Python's objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.deployment.realtime.log_column import typed
from millwright.deployment.realtime.log_record import json_text
from millwright.deployment.realtime.tensor_log import logged_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.prediction import Cells
    from millwright.deployment.realtime.log_entry import LoggedColumns


class LogCells:
    """Collects them: by column as long as all rows have those of the signature, else row by row.

    By column, nothing is kept of rows that the garbage collector would look through again and again.

    Args:
        columns: Of the signature.
    """

    __slots__ = ("_by_column", "_columns", "_rows")

    def __init__(self, columns: LoggedColumns) -> None:
        self._columns = columns
        self._by_column: list[list[Any]] | None = [[] for _ in columns.names] if columns.are_plain else None
        self._rows: list[Any] = []

    def extend(self, rows: Sequence[Any]) -> None:
        """Take more rows, at least one: sequences in the order of columns, mappings, or JSON texts."""
        if self._by_column is not None:
            try:
                found = list(zip(*self._values(rows), strict=True))
            except (KeyError, ValueError):
                self._rows = self._so_far()
                self._by_column = None
            else:
                for values, more in zip(self._by_column, found, strict=True):
                    values.extend(more)
                return
        self._rows += rows

    def cells(self) -> Cells:
        """All of them, in order."""
        rows = self._rows
        if self._by_column is not None:
            columns = self._columns
            try:
                return {
                    name: typed(kind, values)
                    for name, kind, values in zip(columns.names, columns.types, self._by_column, strict=True)
                }
            except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
                rows = self._so_far()
        return pl.Series(values=[self._text(row) for row in rows], dtype=pl.String)

    def _so_far(self) -> list[Any]:
        return list(zip(*(self._by_column or []), strict=True))

    def _values(self, rows: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """The values of rows in the order of columns.

        Raises:
            KeyError: A row lacks one.
            ValueError: A row has another, or is a text.
        """
        if set(map(len, rows)) != {len(self._columns.names)} or str in set(map(type, rows)):
            raise ValueError("Some rows have other columns.")
        return [row if isinstance(row, list | tuple) else self._columns.pick(row) for row in rows]

    def _text(self, row: Any) -> str:
        if self._columns.are_plain or isinstance(row, str):
            return json_text(self._columns, row)
        told = row if not isinstance(row, tuple) else dict(zip(self._columns.names, row, strict=True))
        return json_text(self._columns, logged_row(told))
