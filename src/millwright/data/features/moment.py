"""Moments of any kind as microseconds in UTC, which is how they are compared."""

from __future__ import annotations

import polars as pl

from millwright.core.errors import InvalidInputError

MOMENT = pl.Datetime("us", "UTC")


def as_moment(column: str, dtype: pl.DataType, where: str) -> pl.Expr:
    """A column as moments in UTC: naive ones count as UTC, dates as their midnight.

    Args:
        column: Its name.
        dtype: Its type.
        where: What holds it, for the error.

    Raises:
        InvalidInputError: It holds neither dates nor moments.
    """
    expression = pl.col(column)
    if isinstance(dtype, pl.Date):
        return expression.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    if not isinstance(dtype, pl.Datetime):
        raise InvalidInputError(
            f"Expected dates or moments in the column '{column}' of {where}, found {dtype}.",
            hint="Parse it first: by a contract, or by a transformation of the view.",
        )
    if dtype.time_zone is None:
        return expression.dt.cast_time_unit("us").dt.replace_time_zone("UTC")
    return expression.dt.cast_time_unit("us").dt.convert_time_zone("UTC")
