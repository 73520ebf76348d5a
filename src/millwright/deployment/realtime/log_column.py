"""Values of one column on their way to the log's store: from the objects of requests to packed memory."""

from __future__ import annotations

from array import array
from itertools import groupby
from typing import TYPE_CHECKING, Any

import msgspec

from millwright.models.column import ColumnType

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    import numpy.typing as npt
    import polars as pl

_CODES = {ColumnType.NUMBER: "d", ColumnType.INTEGER: "q"}
_BREAK = "\n"
# As MessagePack's specification has it: 0xcb and eight bytes, the first one the most significant.
_FLOAT, _FLOAT_BYTES = 0xCB, 9
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(list).decode


class LogColumn:
    """Collects values of a column of a signature.

    Numbers are kept in about nine bytes each, as MessagePack writes lists of them: that takes a quarter of the time
    that `array.extend` does, and a request waits for it. Other values are kept as they are.

    Args:
        kind: What they should be.
    """

    __slots__ = ("_kind", "_parts", "_values")

    def __init__(self, kind: ColumnType) -> None:
        self._kind = kind
        self._parts: list[bytes] | None = [] if kind in _CODES else None
        self._values: list[Any] = []

    def extend(self, values: Sequence[Any]) -> None:
        """Take more values."""
        if self._parts is not None:
            try:
                self._parts.append(_pack(values))
            except (TypeError, OverflowError):  # something that is no JSON
                self._values = self.values()
                self._parts = None
            else:
                return
        self._values += values

    def values(self) -> list[Any]:
        """All of them, in order."""
        if self._parts is None:
            return self._values
        return [value for part in self._parts for value in _unpack(part)]

    def series(self) -> pl.Series:
        """All of them as a column of one type, null for NaN and infinities: JSON, as which they are answered, has none.

        Raises:
            TypeError: Some are of another type.
        """
        import polars as pl

        packed = self._packed()
        if packed is not None:
            return finite(pl.Series(values=packed))
        values = self.values()
        if self._kind is ColumnType.NUMBER:
            return finite(pl.Series(values=values, dtype=pl.Float64))
        if self._kind is ColumnType.BOOLEAN:
            return pl.Series(values=values, dtype=pl.Boolean)
        if self._kind is not ColumnType.INTEGER:
            return pl.Series(values=values, dtype=pl.String)
        whole = [int(each) if type(each) is float and each.is_integer() else each for each in values]
        return pl.Series(values=whole, dtype=pl.Int64)

    def _packed(self) -> npt.NDArray[Any] | None:
        """All of them, where they are numbers and none is missing."""
        import numpy as np

        if self._parts is None:
            return None
        found = _floats(self._parts) if self._kind is ColumnType.NUMBER else None
        if found is not None:
            return found
        try:
            numbers = array(_CODES[self._kind], self.values())
        except (TypeError, OverflowError):  # a null, a whole float among integers, or something else
            return None
        return np.frombuffer(numbers, dtype=numbers.typecode)


def _floats(parts: Sequence[bytes]) -> npt.NDArray[np.float64] | None:
    """The numbers of lists that MessagePack wrote, without a Python object for each; None where one is no float."""
    import numpy as np

    found = [np.empty(0)]
    for length, same in groupby(parts, len):  # all but the last are of one length
        count, head = divmod(length, _FLOAT_BYTES)
        if head != _head(count):
            return None
        lists = np.frombuffer(b"".join(same), np.uint8).reshape(-1, length)[:, head:]
        marked = lists.reshape(-1, _FLOAT_BYTES)
        if not (marked[:, 0] == _FLOAT).all():
            return None
        found.append(np.ascontiguousarray(marked[:, 1:]).view(">f8").ravel().astype(np.float64))
    return np.concatenate(found)


def _head(count: int) -> int:
    """How many bytes tell how many values a list has."""
    return 1 if count < 2**4 else 3 if count < 2**16 else 5


class LogTexts:
    """Collects texts that all rows have, such as ids: those that come together are kept as one."""

    __slots__ = ("_odd", "_parts")

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._odd: list[str] | None = None

    def extend(self, texts: Sequence[str]) -> None:
        """Take at least one more text."""
        part = _BREAK.join(texts)
        if self._odd is None and part.count(_BREAK) >= len(texts):  # one of them holds a break itself
            self._odd = _split(self._parts)
        if self._odd is None:
            self._parts.append(part)
        else:
            self._odd += texts

    def series(self) -> pl.Series:
        """All of them, in order."""
        import polars as pl

        if self._odd is not None:
            return pl.Series(values=self._odd, dtype=pl.String)
        return pl.Series(values=self._parts, dtype=pl.String).str.split(_BREAK).explode()


def _split(parts: Iterable[str]) -> list[str]:
    return [text for part in parts for text in part.split(_BREAK)]


def finite(values: pl.Series) -> pl.Series:
    """A column with null in place of NaN and infinities; of other values than floats, as it is."""
    if not values.dtype.is_float() or values.is_finite().all():
        return values
    return values.set(~values.is_finite(), None)
