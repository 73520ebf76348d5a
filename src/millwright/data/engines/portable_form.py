"""The types that mean the same on every engine.

Tables are brought to this form before an engine sees them and after it is done, so that arithmetic runs on the same
types everywhere: Polars would let a sum of Int32 overflow, DuckDB makes a HUGEINT of it and Spark a BIGINT.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.data.datasets.normal_form import type_instance

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def to_portable_form(frame: pl.LazyFrame) -> pl.LazyFrame:
    """A table in the types that all engines have; applied twice, it changes nothing more.

    Integers become Int64, floats and decimals Float64, moments UTC in microseconds (naive ones count as UTC),
    categories and enums text, times of day ISO text, durations microseconds (Int64).

    Args:
        frame: Any table.

    Raises:
        InvalidInputError: Two columns differ only in their case, or one holds Python objects or 128-bit numbers.
    """
    schema = frame.collect_schema()
    refuse_ambiguous(schema)
    changed = [_portable(name, dtype) for name, dtype in schema.items() if portable_type(dtype, name) != dtype]
    return frame.with_columns(changed) if changed else frame


def portable_schema(schema: Mapping[str, pl.DataType]) -> pl.Schema:
    """The columns of a table in portable form.

    Raises:
        InvalidInputError: A column holds what has no portable form.
    """
    return pl.Schema({name: portable_type(dtype, name) for name, dtype in schema.items()})


def portable_type(dtype: pl.DataType, name: str) -> pl.DataType:
    """The portable type of a type.

    Args:
        dtype: A column's type.
        name: The column, for messages.

    Raises:
        InvalidInputError: There is none.
    """
    if isinstance(dtype, (pl.Object, pl.Int128, pl.UInt128)):
        raise InvalidInputError(
            f"The column '{name}' holds {dtype}, which engines other than Polars do not have.",
            hint="Cast it, or leave it out of the inputs.",
        )
    if dtype.is_integer() or isinstance(dtype, pl.Duration):
        return pl.Int64()
    if dtype.is_float() or dtype.is_decimal():
        return pl.Float64()
    if isinstance(dtype, pl.Datetime):
        return pl.Datetime("us", "UTC")
    if isinstance(dtype, (pl.Categorical, pl.Enum, pl.Null, pl.Time)):
        return pl.String()
    if isinstance(dtype, (pl.List, pl.Array)):
        return pl.List(portable_type(type_instance(dtype.inner), name))
    if isinstance(dtype, pl.Struct):
        return pl.Struct([pl.Field(one.name, portable_type(type_instance(one.dtype), name)) for one in dtype.fields])
    return dtype


def refuse_ambiguous(names: Iterable[str]) -> None:
    """Refuse column names that DuckDB and Spark would take for the same.

    Raises:
        InvalidInputError: Two names differ only in their case.
    """
    known = list(names)
    twice = [name for name, count in Counter(name.casefold() for name in known).items() if count > 1]
    if twice:
        same = [name for name in known if name.casefold() == twice[0]]
        raise InvalidInputError(
            f"Expected column names that differ in more than their case, found {' and '.join(map(repr, same))}.",
            hint="Rename one of them.",
        )


def _portable(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.Time):
        return column.dt.to_string("%H:%M:%S%.f")
    if isinstance(dtype, pl.Duration):
        return column.dt.total_microseconds()
    if isinstance(dtype, pl.Datetime):
        moment = column.cast(pl.Datetime("us", dtype.time_zone))
        return moment.dt.replace_time_zone("UTC") if dtype.time_zone is None else moment.dt.convert_time_zone("UTC")
    return column.cast(portable_type(dtype, name))
