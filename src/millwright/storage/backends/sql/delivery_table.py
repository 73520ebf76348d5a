"""Tables of webhooks, of the outbox and of deliveries."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from millwright.storage.backends.sql.column import METADATA, Json, Key, Moment

WEBHOOKS = Table(
    "webhooks",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("name", Key, nullable=False),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("status", Key, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("body", Json, nullable=False),
)

WEBHOOK_TOPICS = Table(
    "webhook_topics",
    METADATA,
    Column("topic", Key, primary_key=True),
    Column("webhook_id", Key, ForeignKey(WEBHOOKS.c.id, ondelete="CASCADE"), primary_key=True),
    Index(None, "webhook_id"),
)

# The last number given in each stream; the stream named by the empty text counts all events.
EVENT_STREAMS = Table(
    "event_streams",
    METADATA,
    Column("stream", Key, primary_key=True),
    Column("latest", BigInteger, nullable=False),
)

EVENTS = Table(
    "events",
    METADATA,
    # Given by the store, never by the database: a sequence would leave gaps, and numbers that appear out of order.
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("stream", Key, nullable=False),
    Column("stream_seq", BigInteger, nullable=False),
    Column("id", Key, nullable=False),
    Column("type", Key, nullable=False),
    Column("subject", Key, nullable=False),
    Column("at", Moment, nullable=False),
    Column("data", Json, nullable=False),
    UniqueConstraint("stream", "stream_seq"),
    Index(None, "at"),
)

DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("webhook_id", Key, ForeignKey(WEBHOOKS.c.id, ondelete="CASCADE"), nullable=False),
    Column("event_seq", BigInteger, ForeignKey(EVENTS.c.seq), nullable=False),
    Column("topic", Key, nullable=False),
    Column("stream", Key, nullable=False),
    Column("state", Key, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("next_try_at", Moment, nullable=True),
    Column("ended_at", Moment, nullable=True),
    Column("status_code", Integer, nullable=True),
    Column("last_error", Text, nullable=False),
    UniqueConstraint("webhook_id", "event_seq"),
    Index(None, "webhook_id", "stream", "state", "event_seq"),
    Index(None, "webhook_id", "stream", "next_try_at"),
    Index(None, "webhook_id", "state", "event_seq"),
    Index(None, "state", "event_seq"),
    Index(None, "event_seq"),
    Index(None, "next_try_at", "event_seq"),
    Index(None, "ended_at"),
)
