"""Values of one column of the log, from Python's objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.models.column import ColumnType

if TYPE_CHECKING:
    from collections.abc import Sequence

_DTYPES: dict[ColumnType, pl.DataType] = {ColumnType.NUMBER: pl.Float64(), ColumnType.BOOLEAN: pl.Boolean()}


def typed(kind: ColumnType, values: Sequence[Any]) -> pl.Series:
    """Values as a column of one type, null for NaN and infinities: JSON, as which they are answered, has none.

    Args:
        kind: What they should be. Whole floats are taken as integers where it is those, integers as floats.
        values: JSON values, None for missing.

    Raises:
        TypeError: Some are of another type.
    """
    if kind is ColumnType.INTEGER:
        whole = [int(each) if type(each) is float and each.is_integer() else each for each in values]
        return pl.Series(values=whole, dtype=pl.Int64)
    return finite(pl.Series(values=values, dtype=_DTYPES.get(kind, pl.String())))


def finite(values: pl.Series) -> pl.Series:
    """A column with null in place of NaN and infinities; of other values than floats, as it is."""
    if not values.dtype.is_float() or values.is_finite().all():
        return values
    return values.set(~values.is_finite(), None)
