"""Finding a record by a part of its id, as people type it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

SHORTEST_PART = 6
_BEHIND_HEX = "g"  # sorts behind every text that begins with the same hex digits


def has_id(columns: Any, part: str) -> sa.ColumnElement[bool]:
    """Whether a row has an id, or one that begins or ends with a part of at least six digits; found by index.

    Args:
        columns: Of a table with `id`, and `id_reversed`, its digits from the end.
        part: The id or a part of it.
    """
    if len(part) < SHORTEST_PART:
        whole: sa.ColumnElement[bool] = columns.id == part
        return whole
    tail = part[::-1]
    return sa.or_(
        sa.and_(columns.id >= part, columns.id < part + _BEHIND_HEX),
        sa.and_(columns.id_reversed >= tail, columns.id_reversed < tail + _BEHIND_HEX),
    )
