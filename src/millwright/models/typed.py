"""Raw rows as a typed table, for models that take columns instead of a matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.conform import conform
from millwright.models.moment import parse_moment
from millwright.models.tensor.series import tensor_dtype

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.models.signature import Signature

_DTYPES: Mapping[ColumnType, pl.DataType] = {
    ColumnType.NUMBER: pl.Float64(),
    ColumnType.INTEGER: pl.Int64(),
    ColumnType.BOOLEAN: pl.Boolean(),
    ColumnType.CATEGORY: pl.String(),
    ColumnType.DATE: pl.Datetime("us"),
    ColumnType.TEXT: pl.String(),
}


def typed_table(frame: pl.DataFrame, signature: Signature) -> pl.DataFrame:
    """The input columns of a raw table, as `PythonModel.predict` is promised them.

    Args:
        frame: Any number of rows; see `conform` for what it may hold.
        signature: What the model takes.

    Raises:
        InvalidInputError: Columns are missing or of the wrong type, or integers need more than 64 bits with a sign.
    """
    typed = conform(frame, signature)
    for column in signature.inputs:
        if column.type is ColumnType.INTEGER:
            # Whole numbers come from the table itself: as floats, large ones would lose their last digits.
            is_whole = column.name in frame.columns and frame.schema[column.name].is_integer()
            source = frame.get_column(column.name) if is_whole else typed.get_column(column.name)
            typed = typed.with_columns(_whole(source, column))
    return typed


def typed_rows(rows: Sequence[Mapping[str, Any]], signature: Signature) -> pl.DataFrame:
    """Raw rows that passed the signature's check, likewise; absent and None are null.

    Raises:
        InvalidInputError: An integer needs more than 64 bits with a sign.
    """
    return pl.DataFrame({column.name: _series(rows, column) for column in signature.inputs})


def _series(rows: Sequence[Mapping[str, Any]], column: SignatureColumn) -> pl.Series:
    values = [row.get(column.name) for row in rows]
    if column.type is ColumnType.TENSOR:
        arrays = [None if value is None else np.asarray(value).tolist() for value in values]
        return pl.Series(column.name, arrays, dtype=tensor_dtype(column))
    if column.type is ColumnType.DATE:
        values = [parse_moment(value) for value in values]
    elif column.type is ColumnType.NUMBER:
        values = [None if value is None or value != value else float(value) for value in values]  # noqa: PLR0124 - NaN
    elif column.type is ColumnType.INTEGER:
        values = [None if value is None else int(value) for value in values]
        return _whole(pl.Series(column.name, values, dtype=pl.Int128), column)
    return pl.Series(column.name, values, dtype=_DTYPES[column.type])


def _whole(series: pl.Series, column: SignatureColumn) -> pl.Series:
    try:
        return series.cast(pl.Int64)
    except pl.exceptions.PolarsError as error:
        raise InvalidInputError(
            f"Column '{column.name}' holds integers that need more than 64 bits with a sign; this model takes none."
        ) from error
