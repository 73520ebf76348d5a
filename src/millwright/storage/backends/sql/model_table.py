"""Tables of registered models, versions, aliases and approvals."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, ForeignKeyConstraint, Index, Integer, Table, Text, UniqueConstraint

from millwright.storage.backends.sql.column import METADATA, Json, Key, Moment, sequence

MODELS = Table(
    "models",
    METADATA,
    Column("name", Key, primary_key=True),
    Column("latest", Integer, nullable=False),  # the highest version number given; 0 before the first
    Column("created_at", Moment, nullable=False),
    Column("body", Json, nullable=False),
)

MODEL_VERSIONS = Table(
    "model_versions",
    METADATA,
    sequence(),
    Column("id", Key, nullable=False, unique=True),
    Column("name", Key, ForeignKey(MODELS.c.name), nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", Key, nullable=False),
    Column("package", Key, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("body", Json, nullable=False),
    UniqueConstraint("name", "version"),
    Index(None, "name", "package", "version"),
)

MODEL_ALIASES = Table(
    "model_aliases",
    METADATA,
    Column("name", Key, primary_key=True),
    Column("alias", Key, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("set_at", Moment, nullable=False),
    Column("set_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    ForeignKeyConstraint(["name", "version"], [MODEL_VERSIONS.c.name, MODEL_VERSIONS.c.version]),
)

MODEL_APPROVALS = Table(
    "model_approvals",
    METADATA,
    sequence(),
    Column("name", Key, nullable=False),
    Column("version", Integer, nullable=False),
    Column("actor", Text, nullable=False),
    Column("approved", Boolean(create_constraint=False), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    ForeignKeyConstraint(["name", "version"], [MODEL_VERSIONS.c.name, MODEL_VERSIONS.c.version]),
    Index(None, "name", "version", "seq"),
)
