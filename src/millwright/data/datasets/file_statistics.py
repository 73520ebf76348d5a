"""Statistics of a data file as the Delta log keeps them: engines leave out files whose bounds rule out a match.

Bounds are only given where they are certain and short: none for a column with NaN (engines order it differently), for
text beyond 64 characters, decimals, booleans, bytes and nested columns. A missing bound rules nothing out.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import polars as pl

_COLUMNS = 32  # as the protocol's default; wider tables would have logs larger than they save
_TEXT = 64


def statistics(frame: pl.DataFrame) -> str:
    """The `stats` of a file with these rows, as JSON.

    Args:
        frame: The rows of the file, in normal form; may be none.
    """
    nulls, low, high = {}, {}, {}
    for column in frame.get_columns()[:_COLUMNS]:
        if column.dtype.is_nested():
            continue
        nulls[column.name] = column.null_count()
        bounds = _bounds(column)
        if bounds is not None:
            low[column.name], high[column.name] = bounds
    return json.dumps({"numRecords": frame.height, "minValues": low, "maxValues": high, "nullCount": nulls})


def _bounds(column: pl.Series) -> tuple[Any, Any] | None:
    dtype = column.dtype
    if not (dtype.is_integer() or dtype.is_float() or isinstance(dtype, (pl.String, pl.Date, pl.Datetime))):
        return None
    if dtype.is_float() and not column.is_finite().all():
        return None
    low, high = column.min(), column.max()
    if low is None or (isinstance(dtype, pl.String) and max(len(str(low)), len(str(high))) > _TEXT):
        return None
    return _json(low), _json(high)


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        text = value.replace(tzinfo=None).isoformat(timespec="microseconds")
        return text if value.tzinfo is None else f"{text}Z"
    return value.isoformat() if isinstance(value, date) else value
