"""From JSON and tensors to a table of rows that fit a signature: the way of requests of many rows.

Values are checked column by column in C, by the types of `RowDecoder`, so that both ways take the same rows. What this
one does not take goes row by row, which either takes it or tells what is wrong.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import polars as pl

from millwright.deployment.realtime.row_decoder import REFUSALS, row_type, sure_type
from millwright.models.column import ColumnType
from millwright.models.moment import parse_moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from millwright.models.signature import Signature

# From about so many rows on a table is quicker (10 numbers: 0.4 and 0.5 ms at 128 rows, 0.8 and 0.6 ms at 256).
LEAST_ROWS = 200
# A body that is smaller does not hold so many rows, or hardly anything in each.
LEAST_BYTES = 2_048

_DTYPES: Mapping[ColumnType, pl.DataType] = {
    ColumnType.NUMBER: pl.Float64(),
    ColumnType.INTEGER: pl.Int64(),
    ColumnType.BOOLEAN: pl.Boolean(),
    ColumnType.CATEGORY: pl.String(),
    ColumnType.DATE: pl.String(),
    ColumnType.TEXT: pl.String(),
}
# The kinds of arrays that are taken as they are; others go row by row.
_KINDS: Mapping[ColumnType, str] = {ColumnType.NUMBER: "fiu", ColumnType.INTEGER: "i", ColumnType.BOOLEAN: "b"}


def row_tables(signature: Signature) -> RowTables | None:
    """What makes tables for a signature; None where it has no plain columns, or msgspec no type for them."""
    if not signature.inputs or signature.has_tensors or row_type(signature) is None:
        return None
    if any(column.type is ColumnType.CATEGORY and not column.categories for column in signature.inputs):
        return None
    return RowTables(signature)


class RowTables:
    """Makes tables of rows for one signature; thread-safe.

    Tables hold every column of the signature, in its order: numbers as Float64 (finite), integers as Int64, booleans as
    Boolean, categories, dates and text as String, null where a column may be and is. They have at least `LEAST_ROWS`
    rows. Where a signature's policies put something in place of nulls or unseen categories, rows with such go row by
    row.

    Args:
        signature: What rows must fit; see `row_tables`.
    """

    def __init__(self, signature: Signature) -> None:
        self._names = tuple(column.name for column in signature.inputs)
        self._types = tuple(column.type for column in signature.inputs)
        self._many: Any = list[row_type(signature)]  # type: ignore[misc]
        self._decoder = msgspec.json.Decoder(self._many)
        self._lists: tuple[Any, ...] = tuple(
            list[sure_type(column, signature, is_complete=signature.completes)]  # type: ignore[misc]
            for column in signature.inputs
        )
        self._is_checked = not signature.completes  # what the type of rows takes, stays as it is
        self._are_numbers = self._is_checked and all(
            column.type is ColumnType.NUMBER and column.required and not column.nullable for column in signature.inputs
        )

    def from_json(self, body: bytes) -> pl.DataFrame | None:
        """The table of a JSON list of objects; None for whatever else, and for few rows."""
        try:
            found = self._decoder.decode(body)
        except REFUSALS:
            return None
        return self._from_structs(found)

    def from_rows(self, rows: Sequence[Any]) -> pl.DataFrame | None:
        """The table of decoded objects; None where one of them may not fit, and for few rows."""
        try:
            found = msgspec.convert(rows, self._many)
        except (msgspec.ValidationError, RecursionError):
            return None
        return self._from_structs(found)

    def from_columns(self, columns: Mapping[str, Any]) -> pl.DataFrame | None:
        """The table of columns.

        Args:
            columns: By name: lists of JSON values, or arrays of shape (n,) of any real dtype.

        Returns:
            None where a column is missing, unknown, or of another length, where one of its values may not fit, and for
            few rows.
        """
        if len(columns) != len(self._names) or any(name not in columns for name in self._names):
            return None
        count = len(columns[self._names[0]])
        if count < LEAST_ROWS or any(len(values) != count for values in columns.values()):
            return None
        table: list[pl.Series] = []
        for name, kind, wanted in zip(self._names, self._types, self._lists, strict=True):
            given = columns[name]
            series = _of_array(given, kind) if isinstance(given, np.ndarray) else _of_list(given, kind, wanted)
            if series is None:
                return None
            table.append(series.alias(name))
        return pl.DataFrame(table)

    def _from_structs(self, found: list[msgspec.Struct]) -> pl.DataFrame | None:
        if len(found) < LEAST_ROWS:
            return None
        values = map(msgspec.structs.astuple, found)
        if not self._are_numbers:
            columns = dict(zip(self._names, map(list, zip(*values, strict=True)), strict=True))
            return self._typed(columns) if self._is_checked else self.from_columns(columns)
        count = len(self._names)
        flat = np.fromiter(chain.from_iterable(values), np.float64, count * len(found))
        matrix = np.ascontiguousarray(flat.reshape(-1, count).T)
        return pl.DataFrame([pl.Series(name, line) for name, line in zip(self._names, matrix, strict=True)])

    def _typed(self, columns: Mapping[str, list[Any]]) -> pl.DataFrame | None:
        """Columns of checked values, but for dates."""
        table = [_series(columns[name], kind) for name, kind in zip(self._names, self._types, strict=True)]
        if any(series is None for series in table):
            return None
        return pl.DataFrame([s.alias(name) for name, s in zip(self._names, table, strict=True) if s is not None])


def _of_list(values: Any, kind: ColumnType, wanted: Any) -> pl.Series | None:
    try:
        found = msgspec.convert(values, wanted)
    except (msgspec.ValidationError, RecursionError):
        return None
    return _series(found, kind)


def _of_array(values: NDArray[Any], kind: ColumnType) -> pl.Series | None:
    if values.dtype.kind not in _KINDS.get(kind, "") or values.ndim != 1:
        return None
    if kind is not ColumnType.NUMBER:
        return pl.Series(values=values.astype(bool if kind is ColumnType.BOOLEAN else np.int64))
    numbers = values.astype(np.float64)
    return pl.Series(values=numbers) if np.isfinite(numbers).all() else None


def _series(values: list[Any], kind: ColumnType) -> pl.Series | None:
    """A column of checked values; None where a text is no date."""
    if kind is ColumnType.DATE and any(text is not None and parse_moment(text) is None for text in set(values)):
        return None
    return pl.Series(values=values, dtype=_DTYPES[kind])
