"""Values of one column on their way to the log's store: from the objects of requests to packed memory."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

from millwright.models.column import ColumnType

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

_CODES = {ColumnType.NUMBER: "d", ColumnType.INTEGER: "q"}
_BREAK = "\n"


class LogColumn:
    """Collects values of a column of a signature.

    Numbers are kept in eight bytes each as long as nothing else comes; other values as they are.

    Args:
        kind: What they should be.
    """

    __slots__ = ("_kind", "_packed", "_values")

    def __init__(self, kind: ColumnType) -> None:
        self._kind = kind
        code = _CODES.get(kind)
        self._packed: array[Any] | None = None if code is None else array(code)
        self._values: list[Any] = []

    def extend(self, values: Sequence[Any]) -> None:
        """Take more values."""
        packed = self._packed
        if packed is not None:
            count = len(packed)
            try:
                packed.extend(values)
            except (TypeError, OverflowError):  # a null, a whole float among integers, or something else
                self._values = packed.tolist()[:count]
                self._packed = None
            else:
                return
        self._values += values

    def values(self) -> list[Any]:
        """All of them, in order."""
        return self._values if self._packed is None else self._packed.tolist()

    def series(self) -> pl.Series:
        """All of them as a column of one type, null for NaN and infinities: JSON, as which they are answered, has none.

        Raises:
            TypeError: Some are of another type.
        """
        import numpy as np
        import polars as pl

        if self._packed is not None:
            return finite(pl.Series(values=np.frombuffer(self._packed, dtype=self._packed.typecode)))
        if self._kind is ColumnType.NUMBER:
            return finite(pl.Series(values=self._values, dtype=pl.Float64))
        if self._kind is ColumnType.BOOLEAN:
            return pl.Series(values=self._values, dtype=pl.Boolean)
        if self._kind is not ColumnType.INTEGER:
            return pl.Series(values=self._values, dtype=pl.String)
        whole = [int(each) if type(each) is float and each.is_integer() else each for each in self._values]
        return pl.Series(values=whole, dtype=pl.Int64)


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
