"""Which files of a table may hold rows with certain keys, by the bounds in its log."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.data.datasets.data_file import DataFile
    from millwright.data.datasets.snapshot import Snapshot


def files_with(snapshot: Snapshot, keys: pl.DataFrame) -> list[DataFile]:
    """The files that may hold a row with one of the keys; those left out certainly hold none.

    Args:
        snapshot: The table.
        keys: The key columns, with values in every row and of the types that the table has.
    """
    if keys.is_empty():
        return []
    left = {file.path: file for file in snapshot.files}
    for column in keys.get_columns():
        values = column.unique().sort().to_list()
        bounds = _bounds(snapshot, column.name)
        left = {path: file for path, file in left.items() if _may_hold(values, bounds.get(path))}
    return [file for file in snapshot.files if file.path in left]


def _bounds(snapshot: Snapshot, name: str) -> dict[str, tuple[Any, Any]]:
    known = snapshot.bounds
    for side in ("min", "max"):
        dtype = known.schema.get(side)
        if not isinstance(dtype, pl.Struct) or name not in [field.name for field in dtype.fields]:
            return {}
    rows = known.select("path", pl.col("min").struct.field(name).alias("low"), pl.col("max").struct.field(name))
    return {path: (low, high) for path, low, high in rows.rows() if low is not None and high is not None}


def _may_hold(values: Sequence[Any], bounds: tuple[Any, Any] | None) -> bool:
    if bounds is None:
        return True
    place = bisect_left(values, bounds[0])
    return place < len(values) and bool(values[place] <= bounds[1])
