"""Tables of silences, notifications and their deliveries."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text

from millwright.storage.backends.sql.column import METADATA, Json, Key, Moment, sequence

SILENCES = Table(
    "silences",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("ends_at", Moment, nullable=False),
    Column("body", Json, nullable=False),
    Index(None, "ends_at", "id"),
)

NOTIFICATIONS = Table(
    "notifications",
    METADATA,
    sequence(),
    Column("id", Key, nullable=False, unique=True),
    Column("stream", Key, nullable=False),
    # The stream while it gathers, and nothing after: so one notification of a stream gathers at a time.
    Column("gathering", Key, nullable=True, unique=True),
    Column("state", Key, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("body", Json, nullable=False),
    Index(None, "stream", "seq"),
    Index(None, "state", "due_at"),
)

CHANNEL_DELIVERIES = Table(
    "channel_deliveries",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("notification_id", Key, ForeignKey("notifications.id", ondelete="CASCADE"), nullable=False),
    Column("place", BigInteger, nullable=False),  # of its notification: `seq` there
    Column("channel", Key, nullable=False),
    Column("stream", Key, nullable=False),
    Column("state", Key, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try_at", Moment, nullable=True),
    Column("ended_at", Moment, nullable=True),
    Column("last_error", Text, nullable=False),
    Index(None, "notification_id"),
    Index(None, "channel", "stream", "state", "place"),
    Index(None, "channel", "state", "place"),
    Index(None, "state", "place"),
    Index(None, "place"),
    Index(None, "channel", "place"),
    Index(None, "next_try_at", "place"),
    Index(None, "ended_at"),
)
