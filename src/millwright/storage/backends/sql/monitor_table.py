"""Tables of monitoring reports, alerts and decisions."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table

from millwright.storage.backends.sql.column import METADATA, Json, Key, Moment, sequence

MONITOR_REPORTS = Table(
    "monitor_reports",
    METADATA,
    sequence(),
    Column("id", Key, nullable=False, unique=True),
    Column("endpoint", Key, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("body", Json, nullable=False),
    Column("monitor", Key, nullable=False, server_default=""),
    Index(None, "endpoint", "created_at", "seq"),
    Index(None, "endpoint", "monitor", "created_at", "seq"),
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
    # `created_at` as long as something is to be told about it: those that are done with are not looked at again.
    Column("followed_at", Moment, nullable=True),
    Column("monitor", Key, nullable=False, server_default=""),
    Index(None, "endpoint", "created_at", "seq"),
    Index(None, "state", "created_at", "seq"),
    Index(None, "created_at", "seq"),
    Index(None, "followed_at", "seq"),
    Index(None, "endpoint", "followed_at", "seq"),
)

ALERT_STREAKS = Table(
    "alert_streaks",
    METADATA,
    Column("endpoint", Key, primary_key=True),
    Column("monitor", Key, primary_key=True),
    Column("kind", Key, primary_key=True),
    Column("subject", Key, primary_key=True),
    Column("findings", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

CHECK_WATCHES = Table(
    "check_watches",
    METADATA,
    Column("endpoint", Key, primary_key=True),
    Column("name", Key, primary_key=True),
    Column("data", LargeBinary, nullable=False),
    Column("updated_at", Moment, nullable=False),
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
