"""Tables of dataset versions, their tags and contracts, of how far sources were read, and of what was erased."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from millwright.storage.backends.sql.column import METADATA, Json, Key, Moment, sequence

# Counts the versions: raising `latest` locks the row, so that two writers never get the same number.
DATASETS = Table(
    "datasets",
    METADATA,
    Column("name", Key, primary_key=True),
    Column("latest", Integer, nullable=False),
)

DATASET_VERSIONS = Table(
    "dataset_versions",
    METADATA,
    sequence(),
    Column("dataset", Key, ForeignKey(DATASETS.c.name), nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", Key, nullable=False),
    Column("digest", Key, nullable=False),
    Column("source_digest", Key),
    Column("created_at", Moment, nullable=False),
    Column("body", Json, nullable=False),
    Column("state", Key, nullable=False, server_default="available"),
    UniqueConstraint("dataset", "version"),
    Index(None, "dataset", "digest", "version"),
    Index(None, "dataset", "source_digest", "version"),
)

DATASET_TAGS = Table(
    "dataset_tags",
    METADATA,
    Column("dataset", Key, ForeignKey(DATASETS.c.name), primary_key=True),
    Column("tag", Key, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
)

SOURCE_CURSORS = Table(
    "source_cursors",
    METADATA,
    Column("dataset", Key, primary_key=True),
    Column("source", Key, primary_key=True),
    Column("kind", Key, nullable=False),
    Column("position", Json, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

ERASURES = Table(
    "erasures",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("dataset", Key, nullable=False),
    Column("at", Moment, nullable=False),
    Column("body", Json, nullable=False),
    Index(None, "dataset", "at"),
)

CONTRACTS = Table(
    "contracts",
    METADATA,
    Column("name", Key, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("digest", Key, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("body", Json, nullable=False),
)
