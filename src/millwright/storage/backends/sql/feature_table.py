"""Tables of feature definitions and of materializations."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, Table

from millwright.storage.backends.sql.column import METADATA, Json, Key, Moment

FEATURE_DEFINITIONS = Table(
    "feature_definitions",
    METADATA,
    Column("kind", Key, primary_key=True),
    Column("name", Key, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("digest", Key, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("retired", Boolean, nullable=False),
    Column("body", Json, nullable=False),
)

MATERIALIZATIONS = Table(
    "materializations",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("view", Key, nullable=False),
    Column("state", Key, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("body", Json, nullable=False),
    Index(None, "view", "started_at"),
)
