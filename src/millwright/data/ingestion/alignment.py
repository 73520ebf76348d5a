"""Types of new rows brought to those of the rows that are there, where that loses nothing.

Sources without types of their own (databases' NULLs, JSON, workbooks) give a part of a column another type than the
whole: nothing but nulls, whole numbers only, fewer digits behind the point.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

_EXACT = 2**53  # integers up to this are floats without loss


def aligned(frame: pl.DataFrame, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """The rows with the types of a schema where their values are the same in them; other columns stay as they are.

    Args:
        frame: Any rows.
        schema: Of the rows that are there; may lack columns.

    Example:
        >>> aligned(pl.DataFrame({"a": [None], "b": [1], "c": ["x"]}), {"a": pl.Int64(), "b": pl.Float64()}).schema
        Schema([('a', Int64), ('b', Float64), ('c', String)])
    """
    return frame.with_columns(
        column.cast(schema[column.name])
        for column in frame.get_columns()
        if column.name in schema and column.dtype != schema[column.name] and _fits(column, schema[column.name])
    )


def _fits(column: pl.Series, dtype: pl.DataType) -> bool:
    if column.dtype == pl.Null:
        return True
    if column.dtype.is_integer() and dtype.is_float():
        return bool((column.drop_nulls().abs() <= _EXACT).all())
    if column.dtype.is_integer() and dtype.is_integer():
        return column.cast(dtype, strict=False).null_count() == column.null_count()
    if isinstance(column.dtype, pl.Decimal) and isinstance(dtype, pl.Decimal):
        there = column.cast(dtype, strict=False)
        return there.null_count() == column.null_count() and bool((there.cast(column.dtype) == column).all())
    return column.dtype.is_integer() and isinstance(dtype, pl.Decimal)
