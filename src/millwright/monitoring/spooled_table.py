"""Tables that came in pieces and are too large for memory, kept by column in a file without a name.

Only what was put where is in memory: some hundred bytes per column of each piece. The file lies in the system's folder
of temporary files (`TMPDIR`), readable by nobody else, and is gone when the table is, or the process, however it ends.
"""

from __future__ import annotations

import io
import tempfile
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING

import numpy as np
import polars as pl

from millwright.core.errors import StorageError
from millwright.monitoring.column_table import ColumnTable, Rows
from millwright.monitoring.joined_table import joined

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a column of a piece is.

    Attributes:
        start: Its first byte.
        size: How many.
        dtype: Of the column.
    """

    start: int
    size: int
    dtype: pl.DataType


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some rows.

    Attributes:
        rows: How many.
        places: Column → where it is; a piece need not have all of them.
    """

    rows: int
    places: Mapping[str, _Place]


class Spool:
    """Pieces of a table, one below the other, in a file.

    Raises:
        StorageError: The file cannot be made, or later on be written.
    """

    def __init__(self) -> None:
        self._file = self._new_file()
        self.pieces: list[_Piece] = []

    @property
    def size_bytes(self) -> int:
        """Of the file."""
        return self._file.seek(0, io.SEEK_END)

    def add(self, frame: pl.DataFrame) -> None:
        """Put a piece of at least one row below the others."""
        self.pieces.append(_Piece(frame.height, {column.name: self._put(column) for column in frame.iter_columns()}))

    def keep(self, numbers: Sequence[int]) -> None:
        """Forget all pieces but some; the file is written anew once most of it is of no use."""
        self.pieces = [self.pieces[number] for number in numbers]
        used = sum(place.size for piece in self.pieces for place in piece.places.values())
        if 2 * used > self.size_bytes:
            return
        before, self._file = self._file, self._new_file()
        with before:
            for number, piece in enumerate(self.pieces):
                places = {
                    name: replace(at, start=self._written(_bytes(before, at))) for name, at in piece.places.items()
                }
                self.pieces[number] = replace(piece, places=places)

    def get(self, piece: _Piece, name: str) -> pl.Series:
        """A column of a piece; nulls where it has none."""
        place = piece.places.get(name)
        if place is None:
            return pl.Series(name, [None], dtype=pl.Null).new_from_index(0, piece.rows)
        return pl.read_parquet(_bytes(self._file, place)).to_series()

    def _new_file(self) -> IO[bytes]:
        try:
            file = tempfile.TemporaryFile(prefix="millwright-")  # noqa: SIM115 - closed with this object
        except OSError as error:
            raise _failed(error) from error
        weakref.finalize(self, file.close)
        return file

    def _put(self, column: pl.Series) -> _Place:
        buffer = io.BytesIO()
        column.to_frame().write_parquet(buffer, compression="lz4", statistics=False)
        data = buffer.getvalue()
        return _Place(self._written(data), len(data), column.dtype)

    def _written(self, data: bytes) -> int:
        start = self.size_bytes
        try:
            self._file.write(data)
            self._file.flush()
        except OSError as error:
            raise _failed(error) from error
        return start

    def table(self, names: Mapping[str, str], order: Rows | None = None) -> SpooledTable:
        """The rows of all pieces.

        Args:
            names: Name in the table → name of the column here.
            order: Which rows, in which order; all as they came when None.
        """
        return SpooledTable(self, names, order)


class SpooledTable(ColumnTable):
    """Columns of a spool; of a column that pieces have in several types, the type that has room for all values.

    Args:
        spool: With all of its pieces.
        names: Name here → name there.
        order: Which rows, in which order; all when None.
    """

    def __init__(self, spool: Spool, names: Mapping[str, str], order: Rows | None = None) -> None:
        self._ends = np.cumsum([piece.rows for piece in spool.pieces])
        self._spool, self._names, self._order = spool, names, order
        super().__init__(list(names), int(self._ends[-1]) if order is None else order.size)

    def read(self, name: str) -> pl.Series:
        """See `ColumnTable.read`."""
        found = self._joined(name, [self._spool.get(piece, self._names[name]) for piece in self._spool.pieces])
        return found if self._order is None else found.gather(self._order)

    def take(self, name: str, rows: Rows) -> pl.Series:
        """See `ColumnTable.take`; holds one piece of the column at a time, beside what is asked for."""
        asked = rows if self._order is None else self._order[rows]
        inside = np.searchsorted(self._ends, asked, side="right")
        parts, places, column = [], [], self._names[name]
        for number in np.unique(inside):
            piece = self._spool.pieces[number]
            place = np.flatnonzero(inside == number)
            begin = self._ends[number] - piece.rows
            parts.append(self._spool.get(piece, column).gather(asked[place] - begin))
            places.append(place)
        known = [piece.places[column] for piece in self._spool.pieces if column in piece.places]
        parts += [pl.Series(name, [], dtype=place.dtype) for place in known]  # the type is that of the whole column
        found = self._joined(name, parts)
        back = np.empty(rows.size, dtype=np.int64)
        back[np.concatenate([*places, np.empty(0, dtype=np.int64)])] = np.arange(rows.size)
        return found.gather(back)

    def _joined(self, name: str, parts: Sequence[pl.Series]) -> pl.Series:
        return joined([part.to_frame(name) for part in parts]).to_series()


def _failed(error: OSError) -> StorageError:
    return StorageError(
        f"A window that is larger than memory cannot be kept in {tempfile.gettempdir()}: {error.strerror}.",
        hint="Make room there, name another folder (TMPDIR=/var/tmp), or ask for a smaller window.",
    )


def _bytes(file: IO[bytes], place: _Place) -> bytes:
    file.seek(place.start)
    return file.read(place.size)
