"""Increments by a cursor column: rows whose value is higher than the highest one that was read.

Rows that come late with exactly that highest value are read, too, once each: the rows that were read at it are known by
their digests. Rows that come later still with a lower value are not; a column to use is one that only grows, such as a
sequence or the time of the last change. A row without a value (null or NaN) has no place in the order and is an error.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from millwright.core.digest import digest_bytes
from millwright.core.errors import InvalidInputError, closest

_MOST_TIES = 10_000  # digests of rows that a cursor keeps; with more at one value, later ones with it are not read
_DIGEST_LETTERS = 32  # 128 bits tell any number of rows apart
_TEXT_FORMATS = {"csv", "tsv"}


@dataclass(frozen=True, slots=True)
class CursorPosition:
    """The highest value that was read.

    Attributes:
        column: The cursor column.
        value: The value; None before anything was read.
        ordering: `number` for text that is compared by the number it says; else the name of the value's Python type.
        ties: Digest of each row that was read with that value → how often it occurred; None: too many to tell.
    """

    column: str
    value: Any = None
    ordering: str = ""
    ties: Mapping[str, int] | None = None

    def as_json(self) -> dict[str, Any]:
        """JSON values, as a cursor's record keeps them."""
        value = self.value
        shown = value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, Decimal) else value
        ties = None if self.ties is None else dict(self.ties)
        return {"column": self.column, "value": shown, "ordering": self.ordering, "ties": ties}


def position_of(column: str, stored: Mapping[str, Any]) -> CursorPosition:
    """The position that a cursor's record keeps; nothing read when it is empty.

    Raises:
        InvalidInputError: It is of another column.
    """
    if not stored:
        return CursorPosition(column)
    if stored.get("column") != column:
        raise InvalidInputError(
            f"Expected the cursor column '{stored.get('column')}', as the source was read before, found '{column}'.",
            hint="Name that one, or read into another dataset.",
        )
    ordering, value = stored["ordering"], stored["value"]
    parsers: dict[str, Any] = {"datetime": datetime.fromisoformat, "date": date.fromisoformat, "Decimal": Decimal}
    return CursorPosition(column, parsers.get(ordering, lambda given: given)(value), ordering, stored["ties"])


def rows_behind(frame: pl.DataFrame, position: CursorPosition, kind: str) -> tuple[pl.DataFrame, CursorPosition]:
    """The rows that were not read before, in their order, and the position with them.

    Args:
        frame: All rows, or those from the position's value on.
        position: Up to where rows were read.
        kind: The source's format: text of delimited files is compared by its numbers when it says nothing else.

    Raises:
        InvalidInputError: The column is not there, holds no ordered values, one row has none, or the values are of
            another type than before.
    """
    if position.column not in frame.columns:
        raise InvalidInputError(
            f"There is no column '{position.column}' in the source.", hint=closest(position.column, frame.columns)
        )
    if frame.is_empty():
        return frame, position
    values, ordering = _ordered(frame[position.column], position.ordering, kind)
    if position.value is None:
        fresh, fresh_values = frame, values
    else:
        is_above, is_at = values > position.value, values == position.value
        keep = is_above | _not_seen(frame, is_at, position.ties)
        fresh, fresh_values = frame.filter(keep), values.filter(keep)
    if fresh.is_empty():
        return fresh, position
    highest = fresh_values.max()
    ties = Counter(_digests(fresh.filter(fresh_values == highest)))
    if highest == position.value:
        ties.update(position.ties or {})
    known = dict(ties) if sum(ties.values()) <= _MOST_TIES else None
    return fresh, CursorPosition(position.column, highest, ordering, known)


def _ordered(column: pl.Series, ordering: str, kind: str) -> tuple[pl.Series, str]:
    """The values to compare, and how they are compared."""
    without = column.is_null() | (column.is_nan() if column.dtype.is_float() else False)
    if without.any():
        raise InvalidInputError(
            f"Expected a value in the cursor column '{column.name}' of every row, found {without.sum():,} rows without "
            "one: nothing tells whether they are new.",
            hint="Use another column, or leave these rows out with a query.",
        )
    if column.dtype == pl.String and kind in _TEXT_FORMATS and ordering in {"", "number"}:
        for dtype in (pl.Int64, pl.Float64):
            numbers = column.cast(dtype, strict=False)
            if not numbers.null_count() and numbers.is_finite().all():
                return numbers, "number"
    found = type(column[0]).__name__
    if found not in {"int", "float", "str", "date", "datetime", "Decimal"}:
        raise InvalidInputError(
            f"Expected numbers, times or text in the cursor column '{column.name}', found {column.dtype}.",
            hint="Use another column.",
        )
    if ordering not in {"", found} and {ordering, found} - {"int", "float", "Decimal"}:
        raise InvalidInputError(
            f"Expected {ordering} in the cursor column '{column.name}', as it was read before, found {found}.",
            hint="Has the source changed? Then read it into another dataset.",
        )
    return column, found


def _not_seen(frame: pl.DataFrame, is_at: pl.Series, ties: Mapping[str, int] | None) -> pl.Series:
    """Which rows at the position's value were not read before."""
    fresh = [False] * frame.height
    if ties is not None:
        left = dict(ties)
        positions = is_at.arg_true().to_list()
        for place, digest in zip(positions, _digests(frame[positions]), strict=True):
            left[digest] = left.get(digest, 0) - 1
            fresh[place] = left[digest] < 0
    return pl.Series(fresh, dtype=pl.Boolean)


def _digests(frame: pl.DataFrame) -> list[str]:
    """A digest of each row's values by their columns' names; the columns' order does not count."""
    names = sorted(frame.columns)
    return [
        digest_bytes(json.dumps(dict(zip(names, row, strict=True)), default=_text).encode())[:_DIGEST_LETTERS]
        for row in frame.select(names).iter_rows()
    ]


def _text(value: Any) -> str:
    return str(value.normalize()) if isinstance(value, Decimal) else repr(value)
