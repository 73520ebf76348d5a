"""Checked rows as a model gets them: complete, with defaults in place of what is absent or unwanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.policy import NanPolicy, UnseenPolicy
from millwright.models.tensor.value import read_tensor

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_ABSENT = object()


class RowCompleter:
    """Completes rows after columns; holds what it needs precompiled.

    Args:
        columns: The inputs of a signature, names unique.
        nan: What becomes of null and NaN.
        unseen: What becomes of unseen categories.

    Attributes:
        changes: Whether it may change values, beside filling in null for what is absent.
    """

    __slots__ = ("_columns", "_nan_is_null", "_tensors", "changes")

    def __init__(self, columns: Iterable[SignatureColumn], *, nan: NanPolicy, unseen: UnseenPolicy) -> None:
        inputs = tuple(columns)
        self._nan_is_null = nan in {NanPolicy.ALLOW, NanPolicy.DEFAULT}
        self._columns = tuple(
            (
                column.name,
                column.default,
                column.default if nan is NanPolicy.DEFAULT else None,
                frozenset(column.categories)
                if column.type is ColumnType.CATEGORY and unseen is UnseenPolicy.DEFAULT
                else None,
            )
            for column in inputs
        )
        self._tensors = {column.name: column for column in inputs if column.type is ColumnType.TENSOR}
        self.changes = (
            self._nan_is_null
            or bool(self._tensors)
            or any(column.default is not None and not column.required for column in inputs)
            or any(known is not None for *_, known in self._columns)
        )

    def complete(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Every column of every row, in the signature's order.

        Args:
            rows: n rows that passed the check.

        Returns:
            The rows: what is absent as the column's default, or None; null and NaN, and unseen categories, as the
            policies say; arrays as such, of their column's type; other values as they came.
        """
        if self._tensors:
            rows = [self._with_arrays(row) for row in rows]
            if not self._nan_is_null:
                return [self._complete(row) for row in rows]
            return [self._complete_arrays(row) for row in rows]
        if not self.changes:
            return [{name: row.get(name) for name, *_ in self._columns} for row in rows]
        return [self._complete(row) for row in rows]

    def with_arrays(self, rows: Sequence[Any]) -> list[Any]:
        """Rows with arrays in place of the nested lists that can be such; what is no mapping stays as it is."""
        return [self._with_arrays(row) if isinstance(row, Mapping) else row for row in rows]

    def _with_arrays(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: value if value is None or name not in self._tensors else _array(value, self._tensors[name])
            for name, value in row.items()
        }

    def _complete_arrays(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """As `_complete`, where that compares values with themselves, which arrays are not made for."""
        arrays = {name: row[name] for name in self._tensors if row.get(name) is not None}
        full = self._complete({name: value for name, value in row.items() if name not in arrays})
        return {name: arrays.get(name, value) for name, value in full.items()}

    def _complete(self, row: Mapping[str, Any]) -> dict[str, Any]:
        full = {}
        for name, default, instead, known in self._columns:
            value = row.get(name, _ABSENT)
            if value is _ABSENT:
                value = default
            elif value is None or (self._nan_is_null and value != value):  # noqa: PLR0124 - NaN
                value = instead
            elif known is not None and value not in known:
                value = default
            full[name] = value
        return full


def _array(value: Any, column: SignatureColumn) -> Any:
    # Elements that may not be NaN were refused by the check.
    found = read_tensor(value, column, allows_nan=True)
    return value if isinstance(found, str) else found
