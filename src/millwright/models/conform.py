"""Brings a table's columns to the types of a signature, or says which cannot be."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.models.check import EXPECTED
from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.moment import parse_moment
from millwright.models.tensor.series import tensor_dtype, tensor_series
from millwright.models.tensor.value import tensor_expectation

if TYPE_CHECKING:
    from millwright.models.signature import Signature

_MOMENT = pl.Datetime("us")


def conform(frame: pl.DataFrame, signature: Signature) -> pl.DataFrame:
    """The input columns of a table, in the signature's order and types.

    More lenient than the check of requests, because tables carry types of their own: columns that the signature
    does not know are ignored (a test table holds the target), nulls are fine everywhere, NaN and infinities count as
    null, and integers stand for categories. Policies are the business of whoever takes rows from outside.

    Args:
        frame: Any number of rows, also none.
        signature: What the model takes.

    Returns:
        Numbers and integers as Float64, booleans as Boolean, categories and text as String, dates as Datetime in
        microseconds, naive, UTC; tensors as Array, or List where a dimension is free. A column that is not required and
        absent comes back as its default, or all null.

    Raises:
        InvalidInputError: Required columns are missing, or columns are of the wrong type; names all of them.
    """
    present = set(frame.columns)
    columns: list[pl.Series] = []
    problems: list[str] = []
    for column in signature.inputs:
        if column.name not in present:
            if column.required:
                problems.append(f"'{column.name}' is missing")
            columns.append(standing_in(column, frame.height))
            continue
        series = _conform_column(frame.get_column(column.name), column)
        if isinstance(series, str):
            problems.append(series)
        else:
            columns.append(series)
    if problems:
        raise InvalidInputError(
            f"The table does not fit the model's signature: {'; '.join(problems[:10])}"
            + (f"; and {len(problems) - 10} more." if len(problems) > 10 else "."),
            hint="Bring the columns the model was trained with, under the same names and with the same types.",
            details={"problems": problems},
        )
    return pl.DataFrame({series.name: series for series in columns})  # a list would rename a column named ""


def standing_in(column: SignatureColumn, height: int) -> pl.Series:
    """A column of its default, or of nulls: what stands in for one that is absent."""
    value = parse_moment(column.default) if column.type is ColumnType.DATE else column.default
    dtype = tensor_dtype(column) if column.type is ColumnType.TENSOR else _DTYPES[column.type]
    return pl.Series(column.name, [value], dtype=dtype).new_from_index(0, height)


def _conform_column(series: pl.Series, column: SignatureColumn) -> pl.Series | str:
    kind, dtype = column.type, series.dtype
    if kind is ColumnType.TENSOR:
        return _conform_tensor(series, column)
    if dtype == pl.Null:
        return series.cast(_DTYPES[kind])
    if kind in (ColumnType.NUMBER, ColumnType.INTEGER) and dtype.is_numeric():
        numbers = series.cast(pl.Float64)
        # Of finite numbers only is the sum finite; most columns need no second look.
        return numbers if math.isfinite(numbers.sum()) else numbers.set(~numbers.is_finite(), None)
    if kind is ColumnType.BOOLEAN and dtype == pl.Boolean:
        return series
    if kind in (ColumnType.CATEGORY, ColumnType.TEXT) and (
        dtype in (pl.String, pl.Categorical, pl.Enum) or dtype.is_integer()
    ):
        return series.cast(pl.String)
    if kind is ColumnType.DATE:
        moments = _moments(series)
        if moments is not None:
            return moments
    return f"'{column.name}' should hold {EXPECTED[kind]}, found {dtype}"


def _conform_tensor(series: pl.Series, column: SignatureColumn) -> pl.Series | str:
    found = tensor_series(series, column, allows_nan=True)
    if found is None:
        return f"'{column.name}' should hold {tensor_expectation(column)}, found {series.dtype}"
    if found.null_count() > series.null_count():
        row = int((found.is_null() & series.is_not_null()).arg_true()[0])
        return f"'{column.name}' should hold {tensor_expectation(column)}, found another in row {row}"
    return found


def _moments(series: pl.Series) -> pl.Series | None:
    dtype = series.dtype
    if dtype == pl.Date:
        return series.cast(_MOMENT)
    if isinstance(dtype, pl.Datetime):
        if dtype.time_zone is not None:
            series = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        return series.cast(_MOMENT)
    if dtype != pl.String:
        return None
    texts = series.drop_nulls().unique().to_list()
    moments = [parse_moment(text) for text in texts]
    if any(moment is None for moment in moments):
        return None
    values = pl.Series(series.name, moments, dtype=_MOMENT)
    return series.replace_strict(pl.Series(texts, dtype=pl.String), values, default=None, return_dtype=_MOMENT)


_DTYPES: dict[ColumnType, pl.DataType] = {
    ColumnType.NUMBER: pl.Float64(),
    ColumnType.INTEGER: pl.Float64(),
    ColumnType.BOOLEAN: pl.Boolean(),
    ColumnType.CATEGORY: pl.String(),
    ColumnType.DATE: _MOMENT,
    ColumnType.TEXT: pl.String(),
}
