"""Keys: columns that identify a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import InvalidInputError, closest

if TYPE_CHECKING:
    from collections.abc import Sequence


def check_key(rows: pl.DataFrame, key: Sequence[str]) -> None:
    """Refuse rows that a key does not identify.

    Args:
        rows: Any number.
        key: Column names, at least one.

    Raises:
        InvalidInputError: A column is missing or holds lists or records, a value is null or NaN, or two rows have the
            same key.
    """
    if not key:
        raise InvalidInputError("Expected the columns that identify a row, found none.", hint="Name them as the key.")
    for name in key:
        if name not in rows.columns:
            raise InvalidInputError(f"The rows have no column '{name}' of the key.", hint=closest(name, rows.columns))
        column = rows[name]
        if column.dtype.is_nested():
            raise InvalidInputError(
                f"Expected plain values in the key, found {column.dtype} in column '{name}'.",
                hint="Use a column of numbers, text, dates or times.",
            )
        missing = column.null_count() + (int(column.is_nan().sum()) if column.dtype.is_float() else 0)
        if missing:
            raise InvalidInputError(
                f"Expected a value in every row of the key column '{name}', found {missing:,} rows without.",
                hint="Leave those rows out, or choose another key.",
            )
    twice = rows.select(key).filter(pl.struct(key).is_duplicated())
    if twice.height:
        shown = ", ".join(f"{name} = {value!r}" for name, value in twice.row(0, named=True).items())
        raise InvalidInputError(
            f"Expected each key once among the rows, found {twice.height:,} rows that share theirs, such as {shown}.",
            hint="Keep one row per key, for example the newest.",
        )
