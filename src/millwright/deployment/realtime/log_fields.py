"""Records of the log read field by field, all of them at once, without an object for each value.

The bytes are MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md): the first one of a value, its mark,
tells its type, and its length or the value itself. A field is read by the marks that it has in all records. As long as
every field had the same length in all of them, as in rows of numbers, what is read lies at regular distances, which
NumPy reads several times as fast as what does not.

Notation: n is the number of records; arrays have shape (n,) unless said otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from millwright.models.column import ColumnType

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NIL, _FALSE, _TRUE, _FLOAT = 0xC0, 0xC2, 0xC3, 0xCB
_LAST_POSITIVE, _FIRST_NEGATIVE = 0x7F, 0xE0  # integers of one byte
_INTEGERS = {
    0xCC: ">u1", 0xCD: ">u2", 0xCE: ">u4", 0xCF: ">u8", 0xD0: ">i1", 0xD1: ">i2", 0xD2: ">i4", 0xD3: ">i8",
}  # fmt: skip
_FIRST_TEXT, _LAST_TEXT = 0xA0, 0xBF  # texts of up to 31 bytes, which the mark tells
_TEXTS = {0xD9: ">u1", 0xDA: ">u2", 0xDB: ">u4"}
_MARKS = 256
_LARGEST = 2.0**63


class UnreadableFieldError(ValueError):
    """A field that is not of the type that is asked for, in some record."""


class LogFields:
    """Reads fields from left to right.

    Args:
        data: n records, one behind the other.
        lengths: Their lengths in bytes; one number when all have the same.
        count: n, at least 1.
    """

    __slots__ = ("_at", "_bytes", "_count", "_data", "_distance", "_places")

    def __init__(self, data: bytes | memoryview, lengths: int | NDArray[np.int64], count: int) -> None:
        self._data, self._count = data, count
        self._bytes = np.frombuffer(data, np.uint8)
        self._at = 0  # where the next field begins in the first record
        self._distance = lengths if isinstance(lengths, int) else 0  # from one to the next; 0 when they differ
        self._places = np.empty(0, np.int64)
        if not isinstance(lengths, int):
            self._places = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths[:-1], dtype=np.int64)])

    def expect(self, content: bytes) -> None:
        """The next bytes are these, in all records.

        Raises:
            UnreadableFieldError: They are others in some.
        """
        if not (self._raw(np.dtype(f"S{len(content)}"), 0) == content).all():
            raise UnreadableFieldError
        self._skip(len(content))

    def column(self, kind: ColumnType) -> pl.Series:
        """The next field as a column, as `log_column.typed` makes it of the same values.

        Raises:
            UnreadableFieldError: Some are of another type.
        """
        if kind is ColumnType.NUMBER:
            return self._numbers()
        if kind is ColumnType.INTEGER:
            return self._integers()
        if kind is ColumnType.BOOLEAN:
            return self._booleans()
        return self.texts()

    def floats(self) -> NDArray[np.float64]:
        """The next field, which is a float in all records.

        Raises:
            UnreadableFieldError: It is something else in some.
        """
        if not (self._marks() == _FLOAT).all():
            raise UnreadableFieldError
        return self._floats()

    def texts(self) -> pl.Series:
        """The next field as String.

        Raises:
            UnreadableFieldError: Some are neither texts nor nil.
        """
        marks = self._marks()
        mark = int(marks[0])
        is_same = bool((marks == mark).all())
        if is_same and mark == _NIL:
            self._skip(1)
            return pl.Series(values=[None], dtype=pl.String).new_from_index(0, self._count)
        if is_same and self._distance:
            found = self._equally_long(mark)
            if found is not None:
                return found
        heads, lengths = self._text_lengths(marks)
        starts = self._where() + heads
        self._skip(heads + lengths)
        blob = pl.lit(pl.Series(values=[bytes(self._data)], dtype=pl.Binary)).first()
        parts = blob.bin.slice(pl.lit(pl.Series(values=starts)), pl.lit(pl.Series(values=lengths)))
        return _with_nulls(pl.select(parts.cast(pl.String)).to_series(), marks == _NIL)

    def end(self) -> None:
        """No field is left.

        Raises:
            UnreadableFieldError: One is.
        """
        if self._where()[-1] != len(self._data):
            raise UnreadableFieldError

    def _numbers(self) -> pl.Series:
        marks = self._marks()
        if (marks == _FLOAT).all():
            values, missing = self._floats(), None
        else:
            values, missing = self._mixed(marks, np.dtype(np.float64))
        is_finite = np.isfinite(values)
        if is_finite.all():
            return _with_nulls(pl.Series(values=values), missing)
        return _with_nulls(pl.Series(values=values), ~is_finite if missing is None else missing | ~is_finite)

    def _integers(self) -> pl.Series:
        marks = self._marks()
        if (marks == _FLOAT).all():
            return pl.Series(values=_whole(self._floats()))
        values, missing = self._mixed(marks, np.dtype(np.int64))
        return _with_nulls(pl.Series(values=values), missing)

    def _floats(self) -> NDArray[np.float64]:
        found = self._raw(np.dtype(">f8"), 1).astype(np.float64)
        self._skip(9)
        return found

    def _booleans(self) -> pl.Series:
        marks = self._marks()
        missing = marks == _NIL
        values = marks == _TRUE
        if not (values | missing | (marks == _FALSE)).all():
            raise UnreadableFieldError
        self._skip(1)
        return _with_nulls(pl.Series(values=values), missing)

    def _mixed(self, marks: NDArray[np.uint8], dtype: np.dtype[Any]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Numbers of several marks: values, 0 for nil; and which of them are nil."""
        values = np.zeros(self._count, dtype)
        lengths = np.ones(self._count, np.int64)
        places = self._where()
        for mark in np.flatnonzero(np.bincount(marks, minlength=_MARKS)).tolist():
            mine = np.flatnonzero(marks == mark)
            if mark <= _LAST_POSITIVE:
                values[mine] = mark
            elif mark >= _FIRST_NEGATIVE:
                values[mine] = mark - _MARKS
            elif mark in _INTEGERS or mark == _FLOAT:
                word = np.dtype(_INTEGERS.get(mark, ">f8"))
                found = self._window(word)[places[mine] + 1]
                values[mine] = found if dtype.kind == "f" else _whole(found)
                lengths[mine] = 1 + word.itemsize
            elif mark != _NIL:
                raise UnreadableFieldError
        self._skip(lengths)
        return values, marks == _NIL

    def _text_lengths(self, marks: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """How many bytes stand before each text, and how many it has; 1 and 0 for nil."""
        heads = np.ones(self._count, np.int64)
        lengths = np.zeros(self._count, np.int64)
        places: NDArray[np.int64] | None = None
        for mark in np.flatnonzero(np.bincount(marks, minlength=_MARKS)).tolist():
            if _FIRST_TEXT <= mark <= _LAST_TEXT:
                lengths[marks == mark] = mark - _FIRST_TEXT
            elif mark in _TEXTS:
                places = self._where() if places is None else places
                mine = np.flatnonzero(marks == mark)
                word = np.dtype(_TEXTS[mark])
                heads[mine] = 1 + word.itemsize
                lengths[mine] = self._window(word)[places[mine] + 1]
            elif mark != _NIL:
                raise UnreadableFieldError
        return heads, lengths

    def _equally_long(self, mark: int) -> pl.Series | None:
        """Texts of one mark at regular distances; None when they are not equally long, or empty."""
        head, length = 1, mark - _FIRST_TEXT
        if mark in _TEXTS:
            word = np.dtype(_TEXTS[mark])
            lengths = self._raw(word, 1)
            head, length = 1 + word.itemsize, int(lengths[0])
            if not (lengths == length).all():
                return None
        elif not 0 < length <= _LAST_TEXT - _FIRST_TEXT:
            return None
        shape, strides = (self._count, length), (self._distance, 1)
        found = np.ascontiguousarray(np.ndarray(shape, np.uint8, self._data, self._at + head, strides))
        self._skip(head + length)
        return pl.Series(values=found).cast(pl.List(pl.UInt8)).cast(pl.Binary).cast(pl.String)

    def _marks(self) -> NDArray[np.uint8]:
        if self._distance:
            return self._bytes[self._at :: self._distance]
        return self._bytes[self._places]

    def _raw(self, word: np.dtype[Any], offset: int) -> NDArray[Any]:
        """What lies so many bytes behind the field's first one."""
        if self._distance:
            return np.ndarray((self._count,), word, self._data, self._at + offset, (self._distance,))
        return self._window(word)[self._places + offset]

    def _window(self, word: np.dtype[Any]) -> NDArray[Any]:
        """A word at each byte, shape (bytes - size + 1,)."""
        return np.ndarray((len(self._data) - word.itemsize + 1,), word, self._data, 0, (1,))

    def _where(self) -> NDArray[np.int64]:
        if self._distance:
            return np.arange(self._count, dtype=np.int64) * self._distance + self._at
        return self._places

    def _skip(self, lengths: int | NDArray[np.int64]) -> None:
        if not isinstance(lengths, int) and self._distance and (lengths == lengths[0]).all():
            lengths = int(lengths[0])
        if not isinstance(lengths, int):
            self._places = self._where() + lengths
            self._distance = 0
        elif self._distance:
            self._at += lengths
        else:
            self._places = self._places + lengths


def _whole(values: NDArray[Any]) -> NDArray[np.int64]:
    """Numbers as 64-bit integers.

    Raises:
        UnreadableFieldError: One is no whole number, or too large.
    """
    if values.dtype.kind == "f":
        if not ((np.abs(values) < _LARGEST) & (np.trunc(values) == values)).all():
            raise UnreadableFieldError
    elif values.dtype.kind == "u" and values.dtype.itemsize == 8 and (values >= 2**63).any():
        raise UnreadableFieldError
    return values.astype(np.int64)


def _with_nulls(values: pl.Series, missing: NDArray[np.bool_] | None) -> pl.Series:
    return values if missing is None or not missing.any() else values.set(pl.Series(values=missing), None)
