"""Tables of the audit log and of lineage."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, UniqueConstraint

from millwright.storage.backends.sql.column import METADATA, Json, Key, Moment, sequence

AUDIT_EVENTS = Table(
    "audit_events",
    METADATA,
    # Given by the store, never by the database: a sequence would leave gaps when a transaction is rolled back.
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Key, nullable=False),
    Column("subject", Key, nullable=False),
    Column("details", Json, nullable=False),
    Column("previous_hash", Key, nullable=False),
    Column("hash", Key, nullable=False),
    Index(None, "subject", "seq"),
)

LINEAGE_EDGES = Table(
    "lineage_edges",
    METADATA,
    sequence(),
    Column("source_kind", Key, nullable=False),
    Column("source_id", Key, nullable=False),
    Column("relation", Key, nullable=False),
    Column("target_kind", Key, nullable=False),
    Column("target_id", Key, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("target_kind", "target_id", "source_kind", "source_id", "relation", name="uq_lineage_edges_edge"),
    Index("ix_lineage_edges_source", "source_kind", "source_id", "at", "seq"),
    Index("ix_lineage_edges_target", "target_kind", "target_id", "at", "seq"),
)
