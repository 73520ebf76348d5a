"""Rows that differ, for whatever columns a served model has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def rows_of(columns: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """Rows for the columns of a model's metadata.

    Args:
        columns: As `GET /v2/models/NAME` tells them.
        count: How many.
    """
    return [{column["name"]: _maker(column["datatype"])(number) for column in columns} for number in range(count)]


def _maker(datatype: str) -> Callable[[int], Any]:
    if datatype == "BYTES":
        return lambda number: ("North", "South", "a third")[number % 3]
    if datatype == "BOOL":
        return lambda number: number % 2 == 0
    return (lambda number: number / 4) if datatype.startswith("FP") else (lambda number: number * 3)
