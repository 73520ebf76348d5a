"""Rows from files of text (CSV and the like) with the types of the table that they are to join."""

from __future__ import annotations

import polars as pl

from millwright.core.errors import InvalidInputError

_TRUTH = {"true": True, "false": False, "1": True, "0": False}


def typed_like(rows: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """Give columns of text the types that a table has for them.

    Columns that the table lacks, or that are no text, stay as they are. Blanks around numbers, dates and times are
    dropped, text without any other character is missing; dates and times are written as in ISO 8601, times without an
    offset are in UTC where the table's are; booleans are `true`, `false`, `1` or `0`.

    Args:
        rows: As they were read.
        schema: The table's columns.

    Raises:
        InvalidInputError: A text is no value of the type; the message names column, row and text.
    """
    columns = [_typed(rows[name], schema[name]) for name in rows.columns if _is_meant(rows, name, schema)]
    return rows.with_columns(columns)


def _is_meant(rows: pl.DataFrame, name: str, schema: pl.Schema) -> bool:
    expected = schema.get(name)
    is_text = isinstance(rows.schema[name], pl.String)
    return is_text and expected is not None and not (isinstance(expected, pl.String) or expected.is_nested())


def _typed(column: pl.Series, expected: pl.DataType) -> pl.Series:
    text = column.str.strip_chars()
    text = text.set(text == "", None)
    if isinstance(expected, pl.Boolean):
        values = text.str.to_lowercase().replace_strict(_TRUTH, default=None, return_dtype=pl.Boolean)
    elif isinstance(expected, pl.Datetime):
        values = text.str.to_datetime(time_unit="us", time_zone="UTC", strict=False)
        values = values if expected.time_zone else values.dt.replace_time_zone(None)
    elif isinstance(expected, pl.Date):
        values = text.str.to_date("%Y-%m-%d", strict=False)
    else:
        values = text.cast(expected, strict=False)
    wrong = (values.is_null() & text.is_not_null()).arg_true()
    if wrong.len():
        row = wrong[0]
        raise InvalidInputError(
            f"Expected {expected} in column '{column.name}', found {column[row]!r} in row {row + 1:,}"
            f"{f' and {wrong.len() - 1:,} others' if wrong.len() > 1 else ''}.",
            hint="Correct the file, or write the whole table anew with another type.",
        )
    return values.alias(column.name)
