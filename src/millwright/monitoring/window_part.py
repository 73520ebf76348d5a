"""What is gathered of one model version while a window is read."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from millwright.monitoring.joined_table import joined
from millwright.monitoring.spooled_table import Spool

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from millwright.monitoring.column_table import Rows, Table
    from millwright.storage.base.prediction_table import PredictionTable

_PREFIXES = ("row.", "feature.", "output.")
_AT, _ID = "row.at", "row.id"
_HALF = 16  # hex digits of an id that make a number of 64 bits
HELD_BYTES = 32 << 20  # of a window that are in memory: what is more goes to a file


class WindowPart:
    """Rows of one version, all of them or the newest.

    Holds what was given by column: in memory up to a limit, and what is more in a file (`spooled_table`), of which one
    column is in memory at a time.

    Args:
        last: How many of the newest rows are kept; all when None. At most twice as many and one piece more are held.
        held_bytes: The limit. One table more may be in memory.
    """

    def __init__(self, last: int | None, *, held_bytes: int = HELD_BYTES) -> None:
        self._last, self._held_bytes = last, held_bytes
        self._frames: list[pl.DataFrame] = []
        self._bytes = 0  # of these
        self._spool: Spool | None = None
        self._newest: list[datetime] = []  # of each piece of the spool
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
        self._hold(frame)
        if self._last is not None and sum(each.height for each in self._frames) > 2 * self._last:
            kept = self._ordered()
            self._frames, self._bytes = [], 0
            self._hold(kept)
        if self._bytes > self._held_bytes:
            self._spill()

    def types(self) -> dict[str, dict[str, int]]:
        """Feature → in which types its values came → in how many rows; also of rows that were not kept."""
        found: dict[str, dict[str, int]] = {}
        for (name, kind), rows in self._types.items():
            if rows:
                found.setdefault(name, {})[kind] = rows
        return found

    def tables(self) -> tuple[Table, Table, Table]:
        """Rows, features and outputs that are kept, oldest first; at least one table was added, and none is later."""
        if self._spool is None:
            ordered = self._ordered()
            self._frames = []
            in_memory = [ordered.select(**names) for names in _named(ordered.columns)]
            return in_memory[0], in_memory[1], in_memory[2]
        if self._frames:
            self._spill()
        known = list(dict.fromkeys(name for piece in self._spool.pieces for name in piece.places))
        order = _order(self._spool, self._last)
        tables = [self._spool.table(names, order) for names in _named(known)]
        return tables[0], tables[1], tables[2]

    def _hold(self, frame: pl.DataFrame) -> None:
        self._frames.append(frame)
        self._bytes += int(frame.estimated_size())

    def _ordered(self) -> pl.DataFrame:
        frame = joined(self._frames)
        if not frame[_AT].is_sorted() or frame[_AT].n_unique() < frame.height:
            frame = frame.sort(_AT, _ID)
        return frame if self._last is None else frame.tail(self._last)

    def _spill(self) -> None:
        """What is in memory, into the file; in order, so that mostly all pieces are."""
        frame = self._ordered()
        self._frames, self._bytes = [], 0
        self._spool = self._spool or Spool()
        self._spool.add(frame)
        self._newest.append(frame[_AT].max())  # type: ignore[arg-type]
        if self._last is not None and sum(piece.rows for piece in self._spool.pieces) > 2 * self._last:
            at = self._spool.table({_AT: _AT})[_AT]
            oldest = at.top_k(self._last).min()
            kept = [number for number, newest in enumerate(self._newest) if newest >= oldest]  # type: ignore[operator]
            self._spool.keep(kept)
            self._newest = [self._newest[number] for number in kept]


def _named(columns: list[str]) -> list[dict[str, str]]:
    """Of rows, features and outputs: name → name with its prefix."""
    return [{name.removeprefix(prefix): name for name in columns if name.startswith(prefix)} for prefix in _PREFIXES]


def _order(spool: Spool, last: int | None) -> Rows | None:
    """Which rows are kept, oldest first; None for all as they are."""
    at = spool.table({_AT: _AT}).read(_AT).to_physical().to_numpy()
    keys = (*_id_keys(spool), at)
    order = None if _in_order(keys) else np.lexsort(keys)
    if last is None or at.size <= last:
        return order
    return np.arange(at.size - last, at.size) if order is None else order[-last:]


def _id_keys(spool: Spool) -> tuple[NDArray[Any], ...]:
    """Numbers in the order of the rows' ids, the weightiest last: 16 bytes a row, a third of what the texts take."""
    ends: list[list[NDArray[Any]]] = [[], []]
    for piece in spool.pieces:
        ids = spool.get(piece, _ID)
        for number, part in enumerate((ids.str.tail(_HALF), ids.str.head(_HALF))):
            found = part.str.to_integer(base=16, dtype=pl.UInt64, strict=False)
            if found.null_count():  # no id of ours
                return (spool.table({_ID: _ID}).read(_ID).rank("dense").to_numpy(),)
            ends[number].append(found.to_numpy())
    return tuple(np.concatenate(each) for each in ends)


def _in_order(keys: Sequence[NDArray[Any]]) -> bool:
    """Whether rows rise by the last key, equal ones by the one before it, and so on."""
    open_ = np.ones(max(keys[0].size - 1, 0), dtype=np.bool_)  # equal by all keys so far
    for key in reversed(keys):
        if (open_ & (key[1:] < key[:-1])).any():
            return False
        open_ &= key[1:] == key[:-1]
    return True


def value_type(dtype: pl.DataType) -> str:
    """The JSON type of a column's values: `number`, `integer`, `boolean`, `text`, or `array` for anything nested."""
    if dtype.is_nested():
        return "array"
    if dtype.is_integer():
        return "integer"
    if dtype.is_float():
        return "number"
    return "boolean" if dtype == pl.Boolean else "text"
