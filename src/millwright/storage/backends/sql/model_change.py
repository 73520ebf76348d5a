"""Changes to registered models that touch several tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from millwright.storage.backends.sql.model_table import (
    MODEL_ALIASES,
    MODEL_APPROVALS,
    MODEL_TAGS,
    MODEL_VERSION_TAGS,
    MODEL_VERSIONS,
    MODELS,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Table

# Those that name a version come before the versions.
_FOLLOWING = (MODEL_ALIASES, MODEL_APPROVALS)


def index_tags(connection: Connection, table: Table, owner: Mapping[str, Any], tags: Mapping[str, str]) -> None:
    """Make a table of tags say what a record's body says.

    Args:
        connection: Inside a transaction.
        table: `MODEL_TAGS` or `MODEL_VERSION_TAGS`.
        owner: The columns that name the record, with their values.
        tags: All its tags.
    """
    mine = [table.c[name] == value for name, value in owner.items()]
    connection.execute(sa.delete(table).where(*mine))
    if tags:
        rows = [{**owner, "key": key, "value": value} for key, value in tags.items()]
        connection.execute(sa.insert(table), rows)


def rename_model(connection: Connection, name: str, new_name: str) -> None:
    """Give a model's versions, aliases and approvals to another name, which is there already; the old one goes."""
    kept = [
        (table, [dict(row._mapping) for row in connection.execute(sa.select(table).where(table.c.name == name))])  # noqa: SLF001
        for table in _FOLLOWING
    ]
    for table, _ in kept:
        connection.execute(sa.delete(table).where(table.c.name == name))
    for table in (MODEL_VERSIONS, MODEL_VERSION_TAGS, MODEL_TAGS):
        connection.execute(sa.update(table).where(table.c.name == name).values(name=new_name))
    for table, rows in kept:
        if rows:
            # Approvals keep their sequence numbers, which are their order.
            connection.execute(sa.insert(table), [row | {"name": new_name} for row in rows])
    latest = sa.select(MODELS.c.latest).where(MODELS.c.name == name).scalar_subquery()
    connection.execute(sa.update(MODELS).where(MODELS.c.name == new_name).values(latest=latest))
    connection.execute(sa.delete(MODELS).where(MODELS.c.name == name))


def delete_model(connection: Connection, name: str) -> bool:
    """Remove a model with all that belongs to it; False when it is not there."""
    for table in (*_FOLLOWING, MODEL_VERSION_TAGS, MODEL_TAGS, MODEL_VERSIONS):
        connection.execute(sa.delete(table).where(table.c.name == name))
    return bool(connection.execute(sa.delete(MODELS).where(MODELS.c.name == name)).rowcount)
