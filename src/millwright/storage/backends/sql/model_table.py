"""Tables of registered models, versions, aliases, approvals and tags.

Tags stand in the records' bodies; their tables are what searches look into.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Column, ForeignKey, ForeignKeyConstraint, Index, Integer, Table, Text, UniqueConstraint
from sqlalchemy.types import TypeDecorator

from millwright.storage.backends.sql.column import METADATA, Json, Key, Moment, sequence

if TYPE_CHECKING:
    from sqlalchemy import Dialect


class Blank(TypeDecorator[str]):
    """Text that may be absent, in a column that was made NOT NULL: absent is kept as empty."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Compared by bytes, as other keys are."""
        # Not through the dialect's `type_descriptor`, which would make VARCHAR of it.
        return Text(collation="C") if dialect.name == "postgresql" else dialect.type_descriptor(Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str:
        """Empty for None."""
        del dialect
        return value or ""

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """None for empty."""
        del dialect
        return value or None


MODELS = Table(
    "models",
    METADATA,
    Column("name", Key, primary_key=True),
    Column("latest", Integer, nullable=False),  # the highest version number given; 0 before the first
    Column("created_at", Moment, nullable=False),
    Column("body", Json, nullable=False),
    Column("updated_at", Moment),  # the store always writes it
    Column("project", Key, nullable=False, server_default="default"),
    Index(None, "updated_at", "name"),
)

MODEL_VERSIONS = Table(
    "model_versions",
    METADATA,
    sequence(),
    Column("id", Key, nullable=False, unique=True),
    Column("name", Key, ForeignKey(MODELS.c.name), nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", Key, nullable=False),
    Column("package", Blank, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("body", Json, nullable=False),
    Column("updated_at", Moment),  # the store always writes it
    Column("stage", Key, nullable=False, server_default="None"),
    Column("source", Text, nullable=False, server_default=""),
    Column("run_id", Key),
    Column("deleted_at", Moment),  # a deleted version keeps its number
    UniqueConstraint("name", "version"),
    Index(None, "name", "package", "version"),
    Index(None, "updated_at", "name", "version"),
    Index(None, "run_id"),
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

MODEL_TAGS = Table(
    "model_tags",
    METADATA,
    Column("name", Key, primary_key=True),
    Column("key", Key, primary_key=True),
    Column("value", Text, nullable=False),
    Index(None, "key", "name"),
)

MODEL_VERSION_TAGS = Table(
    "model_version_tags",
    METADATA,
    Column("name", Key, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("key", Key, primary_key=True),
    Column("value", Text, nullable=False),
    Index(None, "key", "name", "version"),
)
