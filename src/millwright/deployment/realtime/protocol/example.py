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


def example_row(served: ServedModel) -> dict[str, Any]:
    """A row that fits, as JSON values: the package's first recorded one, else values of the right types."""
    if served.example:
        found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(dict(served.example[0]), enc_hook=str))
        return found
    return {column.name: _stand_in(column) for column in served.signature.inputs}


def _stand_in(column: SignatureColumn) -> Any:
    if column.categories:
        return column.categories[0]
    if column.minimum is not None and column.type is ColumnType.NUMBER:
        return column.minimum
    if column.minimum is not None and column.type is ColumnType.INTEGER:
        return int(column.minimum)
    return _STAND_INS[column.type]
