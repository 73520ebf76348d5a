"""Tables of the queue, of schedules and of triggers."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

from millwright.storage.backends.sql.column import METADATA, Json, Key, Moment, sequence

RUN_REQUESTS = Table(
    "run_requests",
    METADATA,
    sequence(),
    Column("id", Key, nullable=False, unique=True),
    Column("id_reversed", Key, nullable=False, index=True),
    Column("name", Key, nullable=False),
    Column("state", Key, nullable=False),
    Column("rank", Integer, nullable=False),  # the priority below zero, so that one ascending index gives the order
    Column("created_at", Moment, nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("dedup_key", Key, unique=True),
    Column("owner", Text),
    Column("lease_until", Moment),
    Column("attempts", Integer, nullable=False),
    Column("ended_at", Moment),
    Column("error", Text),
    Column("cancel_requested_at", Moment),
    Column("cancel_requested_by", Text),
    Column("body", Json, nullable=False),
    Index(None, "state", "rank", "created_at", "seq"),
    Index(None, "state", "lease_until"),
    Index(None, "name", "created_at", "seq"),
    Index(None, "created_at", "seq"),
    Index(None, "ended_at"),
)

SCHEDULES = Table(
    "schedules",
    METADATA,
    Column("name", Key, primary_key=True),
    Column("state", Key, nullable=False),
    Column("next_at", Moment),
    Column("last_at", Moment),
    Column("body", Json, nullable=False),
    Index(None, "state", "next_at"),
)

TRIGGERS = Table(
    "triggers",
    METADATA,
    Column("name", Key, primary_key=True),
    Column("kind", Key, nullable=False),
    Column("state", Key, nullable=False),
    Column("position", Text, nullable=False),
    Column("fired_at", Moment),
    Column("token_hash", Key, unique=True),
    Column("body", Json, nullable=False),
)
