"""Tables of dataset versions."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, UniqueConstraint

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
    UniqueConstraint("dataset", "version"),
    Index(None, "dataset", "digest", "version"),
    Index(None, "dataset", "source_digest", "version"),
)
