"""Raw table rows as the JSON objects that a request would hold."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from millwright.models.column import ColumnType
from millwright.models.conform import conform

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from millwright.models.signature import Signature


def json_rows(frame: pl.DataFrame, signature: Signature) -> tuple[Mapping[str, Any], ...]:
    """The rows of a table as JSON values, which the signature's check accepts.

    Args:
        frame: Raw rows with the signature's columns; others are ignored.
        signature: What the model takes.

    Returns:
        One object per row with all inputs: numbers as floats, integers as integers, dates as ISO 8601 text, nulls, NaN
        and infinities as None.

    Raises:
        InvalidInputError: Columns are missing or of the wrong type.
    """
    typed = conform(frame, signature)
    columns = []
    for column in signature.inputs:
        is_whole = column.type is ColumnType.INTEGER and column.name in frame.columns
        # Whole numbers come from the table itself: as floats, the largest would be rounded out of their range.
        values = (frame if is_whole else typed).get_column(column.name).to_list()
        if column.type in (ColumnType.NUMBER, ColumnType.INTEGER):
            kind = int if column.type is ColumnType.INTEGER else float
            values = [None if value is None or not isfinite(value) else kind(value) for value in values]
        elif column.type is ColumnType.DATE:
            values = [None if value is None else value.isoformat() for value in values]
        columns.append(values)
    names = [column.name for column in signature.inputs]
    return tuple(dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True))
