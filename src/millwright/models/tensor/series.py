"""Tensor columns in tables: Polars' arrays and lists, and NumPy's arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from millwright.models.tensor.value import read_tensor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from millwright.models.column import SignatureColumn

_ELEMENTS: dict[str, Any] = {
    "float16": pl.Float16, "float32": pl.Float32, "float64": pl.Float64, "int8": pl.Int8, "int16": pl.Int16,
    "int32": pl.Int32, "int64": pl.Int64, "uint8": pl.UInt8, "uint16": pl.UInt16, "uint32": pl.UInt32,
    "uint64": pl.UInt64, "bool": pl.Boolean,
}  # fmt: skip


def is_tensor(dtype: pl.DataType) -> bool:
    """Whether a table's column holds arrays of numbers: lists or arrays, nested or not."""
    inner: Any = dtype
    while isinstance(inner, (pl.List, pl.Array)):
        inner = inner.inner
    return bool(inner != dtype and (inner.is_numeric() or inner == pl.Boolean) and not inner.is_decimal())


def tensor_dtype(column: SignatureColumn) -> pl.DataType:
    """What a tensor column is in a table: an array; nested lists where a dimension is free."""
    element = _ELEMENTS[column.dtype]
    if -1 not in column.shape:
        return pl.Array(element, column.shape)
    for _ in column.shape:
        element = pl.List(element)
    return element  # type: ignore[no-any-return]  # a list of lists by now


def tensor_series(series: pl.Series, column: SignatureColumn, *, allows_nan: bool = False) -> pl.Series | None:
    """A table's column as `tensor_dtype` has it; null where a value does not fit.

    Arrow's fixed-size lists have one dimension: a flat list of as many numbers as a fixed shape has is taken in
    row-major order.

    Args:
        series: n values.
        column: Of type `TENSOR`.
        allows_nan: Whether elements may be NaN.

    Returns:
        n values; None when the column does not hold arrays of numbers at all.
    """
    dtype = tensor_dtype(column)
    if series.dtype == pl.Null:
        return series.cast(dtype)
    if not is_tensor(series.dtype):
        return None
    stacked = _stacked(series, column)
    if stacked is not None:
        # One check for the whole column, where all rows have their place in one array; else row by row.
        whole = read_tensor(stacked, _of_rows(column, len(stacked)), allows_nan=allows_nan)
        if not isinstance(whole, str):
            return pl.Series(series.name, whole, dtype=dtype)
    values = [None if value is None else _read(value, column, allows_nan=allows_nan) for value in _values(series)]
    return pl.Series(series.name, values, dtype=dtype)


def arrays_of(series: pl.Series) -> list[NDArray[Any]] | NDArray[Any]:
    """The values of a column that `tensor_series` gave, without nulls: stacked where their shape is fixed."""
    if isinstance(series.dtype, pl.Array):
        return series.to_numpy()
    return [np.asarray(value) for value in series.to_list()]


def series_of(name: str, values: NDArray[Any] | list[NDArray[Any]], column: SignatureColumn) -> pl.Series:
    """Answers as a table's column; lists where a dimension is free."""
    if -1 not in column.shape:
        stacked = np.asarray(values, dtype=column.dtype).reshape(len(values), *column.shape)
        return pl.Series(name, stacked, dtype=tensor_dtype(column))
    return pl.Series(name, [value.tolist() for value in values], dtype=tensor_dtype(column))


def _of_rows(column: SignatureColumn, rows: int) -> SignatureColumn:
    from dataclasses import replace

    return replace(column, shape=(rows, *column.shape))


def _stacked(series: pl.Series, column: SignatureColumn) -> NDArray[Any] | None:
    """All rows as one array; None where there are nulls, a free dimension, or no such array."""
    if series.null_count() or -1 in column.shape or not len(series):
        return None
    try:
        values = series.to_numpy() if isinstance(series.dtype, pl.Array) else np.array(series.to_list())
    except ValueError:  # lists of different lengths
        return None
    if values.dtype.kind not in "fiub":
        return None
    size = int(np.prod(column.shape))
    return values.reshape(len(values), *column.shape) if values.shape[1:] == (size,) else values


def _read(value: Any, column: SignatureColumn, *, allows_nan: bool) -> Any:
    found = read_tensor(value, column, allows_nan=allows_nan)
    if isinstance(found, str) and -1 not in column.shape:
        flat = np.asarray(value, dtype=object)
        if flat.shape == (int(np.prod(column.shape)),):
            found = read_tensor(flat.reshape(column.shape).tolist(), column, allows_nan=allows_nan)
    return None if isinstance(found, str) else found.tolist()


def _values(series: pl.Series) -> list[Any]:
    return series.to_list()
