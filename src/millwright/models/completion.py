"""Checked rows as a model gets them: complete, with defaults in place of what is absent or unwanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.policy import NanPolicy, UnseenPolicy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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

    __slots__ = ("_columns", "_nan_is_null", "changes")

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
        self.changes = (
            self._nan_is_null
            or any(column.default is not None and not column.required for column in inputs)
            or any(known is not None for *_, known in self._columns)
        )

    def complete(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Every column of every row, in the signature's order.

        Args:
            rows: n rows that passed the check.

        Returns:
            The rows: what is absent as the column's default, or None; null and NaN, and unseen categories, as the
            policies say; other values as they came.
        """
        if not self.changes:
            return [{name: row.get(name) for name, *_ in self._columns} for row in rows]
        return [self._complete(row) for row in rows]

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
