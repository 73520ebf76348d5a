"""What is gathered of one model version while a window is read."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from millwright.storage.base.prediction_table import PredictionTable

_PREFIXES = ("row.", "feature.", "output.")
_AT, _ID = "row.at", "row.id"


class WindowPart:
    """Rows of one version, all of them or the newest.

    Holds what was given in memory, as columns; with a limit, at most twice as many rows as it keeps and one table more.

    Args:
        last: How many of the newest rows are kept; all when None.
    """

    def __init__(self, last: int | None) -> None:
        self._last = last
        self._frames: list[pl.DataFrame] = []
        self._held = 0
        self._types: Counter[tuple[str, str]] = Counter()
        self.rows = 0
        self.newest: tuple[datetime, str] | None = None

    def add(self, table: PredictionTable) -> None:
        """Take a table of at least one row in."""
        sides = zip(_PREFIXES, (table.rows, table.features, table.outputs), strict=True)
        frame = pl.concat(
            [side.select(pl.all().name.prefix(prefix)) for prefix, side in sides if side.width], how="horizontal"
        )
        for column in table.features:
            self._types[column.name, value_type(column.dtype)] += len(column) - column.null_count()
        at = table.rows["at"]
        moment: datetime = at.max()  # type: ignore[assignment]
        newest = (moment, str(table.rows.filter(at == moment)["id"].max()))
        self.newest = newest if self.newest is None else max(self.newest, newest)
        self.rows += len(table)
        self._frames.append(frame)
        self._held += frame.height
        if self._last is not None and self._held > 2 * self._last:
            self._frames = [self._ordered()]
            self._held = self._frames[0].height

    def types(self) -> dict[str, dict[str, int]]:
        """Feature → in which types its values came → in how many rows; also of rows that were not kept."""
        found: dict[str, dict[str, int]] = {}
        for (name, kind), rows in self._types.items():
            if rows:
                found.setdefault(name, {})[kind] = rows
        return found

    def frames(self) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """Rows, features and outputs that are kept, oldest first; at least one table was added."""
        ordered = self._ordered()
        self._frames = []
        rows, features, outputs = (
            ordered.select(pl.col(name).alias(name.removeprefix(prefix)) for name in ordered.columns if
                           name.startswith(prefix))
            for prefix in _PREFIXES
        )  # fmt: skip
        return rows, features, outputs

    def _ordered(self) -> pl.DataFrame:
        frame = joined(self._frames)
        if not frame[_AT].is_sorted() or frame[_AT].n_unique() < frame.height:
            frame = frame.sort(_AT, _ID)
        return frame if self._last is None else frame.tail(self._last)


def value_type(dtype: pl.DataType) -> str:
    """The JSON type of a column's values: `number`, `integer`, `boolean`, `text`, or `array` for anything nested."""
    if dtype.is_nested():
        return "array"
    if dtype.is_integer():
        return "integer"
    if dtype.is_float():
        return "number"
    return "boolean" if dtype == pl.Boolean else "text"


def joined(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Tables below each other: columns of all of them, of a type that has room for the values of all."""
    if len(frames) == 1:
        return frames[0]
    nested: dict[str, set[pl.DataType]] = {}
    for frame in frames:
        for name, dtype in frame.schema.items():
            if dtype != pl.Null:
                nested.setdefault(name, set()).add(dtype)
    # What has no type in common but text is JSON text, as within a segment.
    odd = [name for name, kinds in nested.items() if len(kinds) > 1 and any(kind.is_nested() for kind in kinds)]
    return pl.concat([_as_text(frame, odd) for frame in frames], how="diagonal_relaxed")


def _as_text(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    found: Mapping[str, pl.Series] = {
        name: pl.Series(
            name,
            [None if value is None else value if isinstance(value, str) else json.dumps(value) for value in frame[name]
             .to_list()],
            dtype=pl.String,
        )
        for name in names
        if name in frame.columns
    }  # fmt: skip
    return frame.with_columns(*found.values()) if found else frame
