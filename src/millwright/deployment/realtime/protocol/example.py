"""Rows that fit a model, to copy and to try."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from millwright.models.column import ColumnType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.deployment.realtime.served_model import ServedModel
    from millwright.models.signature import SignatureColumn

_STAND_INS: Mapping[ColumnType, Any] = {
    ColumnType.NUMBER: 1.0,
    ColumnType.INTEGER: 1,
    ColumnType.BOOLEAN: True,
    ColumnType.CATEGORY: "a",
    ColumnType.DATE: "2026-01-31",
    ColumnType.TEXT: "some words",
}


_LONGEST = 4_000  # characters


def example_row(served: ServedModel) -> dict[str, Any]:
    """A row that fits, as JSON values: the package's first recorded one, else values of the right types."""
    if served.example:
        found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(dict(served.example[0]), enc_hook=str))
        return found
    return {column.name: _stand_in(column) for column in served.signature.inputs}


def is_short(value: Any) -> bool:
    """Whether an example is worth showing: pages and documents have no room for thousands of numbers."""
    return len(msgspec.json.encode(value)) <= _LONGEST


def without_long(described: Any) -> Any:
    """JSON values without the members `example` that are too long to be shown."""
    if isinstance(described, dict):
        return {name: without_long(value) for name, value in described.items() if name != "example" or is_short(value)}
    return [without_long(each) for each in described] if isinstance(described, list) else described


def _stand_in(column: SignatureColumn) -> Any:
    if column.type is ColumnType.TENSOR:
        value: Any = column.dtype == "bool" or 0
        for size in reversed(column.shape):
            value = [value] * max(size, 1)
        return value
    if column.categories:
        return column.categories[0]
    if column.minimum is not None and column.type is ColumnType.NUMBER:
        return column.minimum
    if column.minimum is not None and column.type is ColumnType.INTEGER:
        return int(column.minimum)
    return _STAND_INS[column.type]
