"""The form in which a table is stored: types that Delta tables have, so that what is read is what was recorded."""

from __future__ import annotations

from collections import Counter
from typing import Any

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.core.records.dataset import ColumnSchema

_WIDER: dict[type[pl.DataType], pl.DataType] = {
    pl.UInt8: pl.Int16(),
    pl.UInt16: pl.Int32(),
    pl.UInt32: pl.Int64(),
    pl.Int128: pl.Decimal(38, 0),
}


def to_normal_form(frame: pl.DataFrame) -> pl.DataFrame:
    """A table with the types that are stored; applied twice, it changes nothing more.

    Categories and enums become text, unsigned integers become the next larger signed ones (UInt64 a decimal), times
    become microseconds, aware ones in UTC, times of day become ISO text, durations become microseconds, columns of
    nothing but null without a type become text.

    Args:
        frame: Any table, also one without rows.

    Raises:
        InvalidInputError: There are no columns, two columns differ only in their case, or a column holds Python
            objects.
    """
    if not frame.width:
        raise InvalidInputError("Expected a table with columns, found one without any.", hint="Give it a column.")
    twice = [name for name, count in Counter(name.casefold() for name in frame.columns).items() if count > 1]
    if twice:
        names = [name for name in frame.columns if name.casefold() == twice[0]]
        raise InvalidInputError(
            f"Expected column names that differ in more than their case, found {' and '.join(map(repr, names))}.",
            hint="Rename one of them.",
        )
    try:
        return frame.select(_stored(name, dtype) for name, dtype in frame.schema.items())
    except pl.exceptions.PolarsError as error:
        raise InvalidInputError(
            f"Expected values that a table can store, found others: {' '.join(str(error).split())[:200]}.",
            hint="Cast the column to a plain type before writing it.",
        ) from error


def column_schemas(frame: pl.DataFrame) -> tuple[ColumnSchema, ...]:
    """The columns as a record names them; `nullable` tells whether there is a null now."""
    return tuple(
        ColumnSchema(name=name, dtype=str(dtype), nullable=frame[name].null_count() > 0)
        for name, dtype in frame.schema.items()
    )


def _stored(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.Object):
        raise InvalidInputError(
            f"Expected columns of numbers, text, dates and the like, found Python objects in '{name}'.",
            hint="Convert the column or leave it out.",
        )
    if isinstance(dtype, pl.Time):
        return column.dt.to_string("%H:%M:%S%.f")
    if isinstance(dtype, pl.Duration):
        return column.dt.total_microseconds()
    if isinstance(dtype, pl.Datetime) and dtype.time_zone not in {None, "UTC"}:
        return column.dt.convert_time_zone("UTC").cast(pl.Datetime("us", "UTC"))
    stored = _stored_type(dtype)
    return column if stored == dtype else column.cast(stored)


def _stored_type(dtype: pl.DataType) -> pl.DataType:
    if isinstance(dtype, (pl.Categorical, pl.Enum, pl.Null)):
        return pl.String()
    if isinstance(dtype, pl.Datetime):
        return pl.Datetime("us", dtype.time_zone)
    if isinstance(dtype, pl.UInt64):
        return pl.Decimal(20, 0)
    if isinstance(dtype, (pl.List, pl.Array)):
        return pl.List(_stored_type(type_instance(dtype.inner)))
    if isinstance(dtype, pl.Struct):
        return pl.Struct([pl.Field(field.name, _stored_type(type_instance(field.dtype))) for field in dtype.fields])
    for base, wider in _WIDER.items():
        if isinstance(dtype, base):
            return wider
    return dtype


def type_instance(dtype: Any) -> pl.DataType:
    """A nested type as an instance; Polars also takes and hands out the classes themselves."""
    instance: pl.DataType = dtype() if isinstance(dtype, type) else dtype
    return instance
