"""Encodes single rows in plain Python: for one row an order of magnitude faster than through a data frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.models.feature import FIRST_CODE, MISSING_CODE, OTHER_CODE, EncodedColumn, Part
from millwright.models.moment import days_since_epoch, parse_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

_NAN = float("nan")
_INFINITY = float("inf")


class RowCoder:
    """The encoder's row path, with one closure per encoded column.

    Args:
        columns: The encoded columns, in the matrix's order.
    """

    __slots__ = ("_numbers", "_parts")

    def __init__(self, columns: Sequence[EncodedColumn]) -> None:
        # The columns' names where each is the raw number itself, as far as it is not null.
        self._numbers = tuple(each.source for each in columns if _is_number(each)) if columns else ()
        if len(self._numbers) < len(columns):
            self._numbers = ()
        self._parts = tuple((column.source, _coder(column)) for column in columns)

    def encode(self, rows: Sequence[Mapping[str, Any]]) -> NDArray[np.float32]:
        """Rows that passed the signature's check, as a matrix.

        Args:
            rows: n mappings; absent and None are null. Unchecked values may raise a TypeError or ValueError.

        Returns:
            float32, shape (n, columns); equal to the last bit to the table path on the same values.
        """
        parts = self._parts
        matrix = np.array([[code(row.get(source)) for source, code in parts] for row in rows], dtype=np.float64)
        return matrix.reshape(len(rows), len(parts)).astype(np.float32)

    def takes_as_is(self, names: Sequence[str]) -> bool:
        """Whether a row without nulls, in the order of these names, is the encoded row."""
        return bool(names) and self._numbers == tuple(names)

    def by_position(self, names: Sequence[str]) -> tuple[tuple[int, Callable[[Any], float]], ...]:
        """For each encoded column where its value stands in a row, and what makes a number of it.

        Args:
            names: The raw columns in the row's order.
        """
        places = {name: index for index, name in enumerate(names)}
        return tuple((places[source], code) for source, code in self._parts)


def _is_number(column: EncodedColumn) -> bool:
    is_open = column.low in {None, -_INFINITY} and column.high in {None, _INFINITY}
    return column.part is Part.VALUE and is_open


def _coder(column: EncodedColumn) -> Callable[[Any], float]:
    if column.part is Part.CODE:
        return _category(column)
    if column.part is Part.MISSING:
        return _missing
    low = -_INFINITY if column.low is None else column.low
    high = _INFINITY if column.high is None else column.high
    if column.part is Part.VALUE:
        return _clipped(low, high)
    read = _READERS[column.part]

    def code(value: Any) -> float:
        if value is None:
            return _NAN
        number = read(value)
        return low if number < low else min(number, high)

    return code


def _clipped(low: float, high: float) -> Callable[[Any], float]:
    def code(value: Any) -> float:
        if value is None:
            return _NAN
        number = float(value)
        if number < low:
            return low
        return high if number > high else number  # noqa: FURB136 - min() turns NaN into a number

    return code


def _category(column: EncodedColumn) -> Callable[[Any], float]:
    codes: dict[Any, float] = {category: FIRST_CODE + index for index, category in enumerate(column.categories)}
    codes[None] = MISSING_CODE
    get = codes.get

    def code(value: Any) -> float:
        return get(value, OTHER_CODE)

    return code


def _missing(value: Any) -> float:
    return 1.0 if value is None or value != value else 0.0  # noqa: PLR0124 - NaN counts as missing


def _days(value: Any) -> float:
    moment = parse_moment(value)
    return _NAN if moment is None else days_since_epoch(moment)


def _month(value: Any) -> float:
    moment = parse_moment(value)
    return _NAN if moment is None else float(moment.month)


def _weekday(value: Any) -> float:
    moment = parse_moment(value)
    return _NAN if moment is None else float(moment.isoweekday())


def _length(value: Any) -> float:
    return float(len(value))


_READERS: Mapping[Part, Callable[[Any], float]] = {
    Part.DAYS: _days,
    Part.MONTH: _month,
    Part.WEEKDAY: _weekday,
    Part.LENGTH: _length,
}
