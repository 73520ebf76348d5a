"""Tables of monitoring reports, alerts and decisions."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table

from millwright.storage.backends.sql.column import METADATA, Json, Key, Moment, sequence

MONITOR_REPORTS = Table(
    "monitor_reports",
    METADATA,
    sequence(),
    Column("id", Key, nullable=False, unique=True),
    Column("endpoint", Key, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("body", Json, nullable=False),
    Index(None, "endpoint", "created_at", "seq"),
    Index(None, "created_at", "seq"),
)

ALERTS = Table(
    "alerts",
    METADATA,
    sequence(),
    Column("id", Key, nullable=False, unique=True),
    Column("endpoint", Key, nullable=False),
    Column("state", Key, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("body", Json, nullable=False),
    Index(None, "endpoint", "created_at", "seq"),
    Index(None, "state", "created_at", "seq"),
    Index(None, "created_at", "seq"),
)

DECISIONS = Table(
    "decisions",
    METADATA,
    sequence(),
    Column("id", Key, nullable=False, unique=True),
    Column("at", Moment, nullable=False),
    Column("body", Json, nullable=False),
    Index(None, "at", "seq"),
)
