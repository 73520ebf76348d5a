"""Checks raw rows, as they come in requests, against a signature's columns.

Compiled once per signature: a row of 20 columns takes some microseconds (measured in `benchmarks/`), because each
request to a served model passes here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.moment import parse_moment
from millwright.models.policy import NanPolicy, UnseenPolicy
from millwright.models.tensor.value import read_tensor, tensor_expectation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_LARGEST_NUMBER = 1e300  # beyond it an integer has no float to stand for it
_SMALLEST_INTEGER, _LARGEST_INTEGER = -(2**63), 2**64  # signed or unsigned, 64 bits
_SHOWN_CHARACTERS = 40
_SHOWN_CATEGORIES = 5
MAX_VIOLATIONS = 100

EXPECTED: Mapping[ColumnType, str] = {
    ColumnType.NUMBER: "a finite number",
    ColumnType.INTEGER: "an integer",
    ColumnType.BOOLEAN: "true or false",
    ColumnType.CATEGORY: "text",
    ColumnType.DATE: "a date as ISO 8601 text",
    ColumnType.TEXT: "text",
    ColumnType.TENSOR: "a tensor",
}

_KINDS = frozenset(
    {
        "null",
        "NaN",
        "Infinity",
        "-Infinity",
        "nothing: the column is missing",
        "an unknown column",
        "an object",
        "a list",
    }
)
_BEGINNINGS = {
    "the text ": "text",
    "the number ": "a number",
    "an integer of ": "a number",
    "true": "true or false",
    "false": "true or false",
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One value that the signature refuses.

    Attributes:
        row: Index of the row, from 0; -1 when it concerns the columns as such.
        column: The column's name; empty when it concerns the whole row.
    """

    row: int
    column: str
    expected: str
    found: str


class RowChecker:
    """Checks rows against columns; holds what it needs precompiled.

    Args:
        columns: The inputs of a signature, names unique.
        nan: What becomes of null and NaN. What may be absent or null, the columns tell.
        unseen: What becomes of unseen categories.
    """

    __slots__ = ("_allows_nan", "_columns", "_known", "_nan_is_null", "_tensors")

    def __init__(
        self,
        columns: Iterable[SignatureColumn],
        *,
        nan: NanPolicy = NanPolicy.COLUMNS,
        unseen: UnseenPolicy = UnseenPolicy.ALLOW,
    ) -> None:
        inputs = tuple(columns)
        self._allows_nan = nan is NanPolicy.ALLOW
        self._columns = tuple(
            (
                column.name,
                column.required,
                column.nullable,
                fits(column, unseen, allows_nan=self._allows_nan),
                expectation(column, unseen),
            )
            for column in inputs
        )
        self._tensors = {column.name: column for column in inputs if column.type is ColumnType.TENSOR}
        self._nan_is_null = nan in {NanPolicy.ALLOW, NanPolicy.DEFAULT}
        self._known = frozenset(name for name, *_ in self._columns)

    def check_rows(self, rows: Sequence[Mapping[str, Any]], *, limit: int = MAX_VIOLATIONS) -> list[Violation]:
        """What is wrong in the rows: missing, unknown and mistyped values, NaN and infinities.

        Args:
            rows: JSON objects, or mappings with Python dates and NumPy scalars.
            limit: Stop after about this many violations.

        Returns:
            Violations in row order; empty when all is right. NaN and unseen categories are wrong or right as the
            policies say.
        """
        found: list[Violation] = []
        for index, row in enumerate(rows):
            if not isinstance(row, Mapping):
                found.append(Violation(index, "", "an object of column names and values", describe(row)))
            else:
                self._check_row(index, row, found)
            if len(found) >= limit:
                break
        return found

    def _check_row(self, index: int, row: Mapping[str, Any], found: list[Violation]) -> None:
        present = 0
        for name, required, nullable, is_fit, expected in self._columns:
            value = row.get(name)
            if value is None:
                if name not in row:
                    if required:
                        found.append(Violation(index, name, expected, "nothing: the column is missing"))
                elif not nullable:
                    found.append(Violation(index, name, expected, "null"))
            else:
                present += 1
                if self._nan_is_null and _is_nan(value):
                    if not nullable:
                        found.append(Violation(index, name, expected, "NaN"))
                elif not is_fit(value):
                    found.append(Violation(index, name, expected, self._described(name, value)))
        if present != len(row):  # some null, or some unknown
            found.extend(
                Violation(index, str(name), "a column of the signature", "an unknown column")
                for name in row
                if name not in self._known
            )

    def _described(self, name: str, value: object) -> str:
        if name in self._tensors and isinstance(value, (list, tuple, np.ndarray)):
            found = read_tensor(value, self._tensors[name], allows_nan=self._allows_nan)
            return found if isinstance(found, str) else describe(value)
        return describe(value)

    def check_columns(self, names: Iterable[str]) -> list[Violation]:
        """What is wrong in a table's header: required columns that are missing, and unknown ones."""
        given = list(names)
        missing = [
            Violation(-1, name, "the column", "nothing: the column is missing")
            for name, required, *_ in self._columns
            if required and name not in given
        ]
        unknown = [
            Violation(-1, name, "a column of the signature", "an unknown column")
            for name in given
            if name not in self._known
        ]
        return missing + unknown


def fits(
    column: SignatureColumn, unseen: UnseenPolicy = UnseenPolicy.ALLOW, *, allows_nan: bool = False
) -> Callable[[object], bool]:
    """What tells whether a value that is there fits a column; `allows_nan` is about the elements of tensors."""
    if column.type is ColumnType.TENSOR:
        return lambda value: not isinstance(read_tensor(value, column, allows_nan=allows_nan), str)
    if column.type is ColumnType.CATEGORY and unseen is UnseenPolicy.REFUSE:
        known = frozenset(column.categories)
        return lambda value: isinstance(value, str) and value in known
    return _FITS[column.type]


def expectation(column: SignatureColumn, unseen: UnseenPolicy = UnseenPolicy.ALLOW) -> str:
    """What a column takes, in words."""
    if column.type is ColumnType.CATEGORY and unseen is UnseenPolicy.REFUSE:
        shown = ", ".join(repr(each) for each in column.categories[:_SHOWN_CATEGORIES])
        more = len(column.categories) - _SHOWN_CATEGORIES
        return f"one of {shown}" + (f" and {more} more" if more > 0 else "")
    if column.type is ColumnType.TENSOR:
        return tensor_expectation(column)
    return EXPECTED[column.type]


def describe(value: object) -> str:
    """A value as an error message shows it, shortened."""
    if value is None:
        return "null"
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (int, float, np.number)):
        return _describe_number(value)
    if isinstance(value, str):
        short = value if len(value) <= _SHOWN_CHARACTERS else value[:_SHOWN_CHARACTERS] + "…"
        return f"the text {short!r}"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, (list, tuple)):
        return "a list"
    return f"a {type(value).__name__}"


def kind_of(found: str) -> str:
    """What was found, as `describe` and the check tell it, without the value itself: `text` for `the text 'ten'`."""
    if found in _KINDS:
        return found
    return next((kind for beginning, kind in _BEGINNINGS.items() if found.startswith(beginning)), "another value")


def _describe_number(value: Any) -> str:
    if isinstance(value, (int, np.integer)):
        whole = int(value)
        return f"the number {whole}" if abs(whole) < _LARGEST_INTEGER else f"an integer of {whole.bit_length()} bits"
    if isfinite(value):
        return f"the number {value}"
    if value > 0:
        return "Infinity"
    return "-Infinity" if value < 0 else "NaN"


def _is_nan(value: object) -> bool:
    return isinstance(value, (float, np.floating)) and bool(np.isnan(value))


def _is_number(value: object) -> bool:
    kind = type(value)
    if kind is float:
        return isfinite(value)  # type: ignore[arg-type]
    if kind is int:
        return -_LARGEST_NUMBER <= value <= _LARGEST_NUMBER  # type: ignore[operator]
    return isinstance(value, (np.floating, np.integer)) and bool(np.isfinite(value))


def _is_integer(value: object) -> bool:
    kind = type(value)
    if kind is int:
        return _SMALLEST_INTEGER <= value < _LARGEST_INTEGER  # type: ignore[operator]
    if kind is float:
        return value.is_integer() and _SMALLEST_INTEGER <= value < _LARGEST_INTEGER  # type: ignore[attr-defined,operator]
    if isinstance(value, np.floating):
        return float(value).is_integer()
    return isinstance(value, np.integer)


def _is_boolean(value: object) -> bool:
    return value is True or value is False or isinstance(value, np.bool_)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_date(value: object) -> bool:
    return parse_moment(value) is not None


_FITS: Mapping[ColumnType, Callable[[object], bool]] = {
    ColumnType.NUMBER: _is_number,
    ColumnType.INTEGER: _is_integer,
    ColumnType.BOOLEAN: _is_boolean,
    ColumnType.CATEGORY: _is_text,
    ColumnType.DATE: _is_date,
    ColumnType.TEXT: _is_text,
}
