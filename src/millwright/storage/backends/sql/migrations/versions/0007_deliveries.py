"""Webhooks, and the events that wait for delivery."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"

# Frozen here, apart from `column`: what that module says tomorrow must not change what this migration does.
KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
MOMENT = sa.BigInteger()  # microseconds since 1970, UTC
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_webhooks()
    _create_events()
    _create_deliveries()


def _create_webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("status", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )
    op.create_table(
        "webhook_topics",
        sa.Column("topic", KEY, nullable=False),
        sa.Column("webhook_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name="fk_webhook_topics_webhook_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("topic", "webhook_id", name="pk_webhook_topics"),
    )
    op.create_index("ix_webhook_topics_webhook_id", "webhook_topics", ["webhook_id"])


def _create_events() -> None:
    op.create_table(
        "event_streams",
        sa.Column("stream", KEY, nullable=False),
        sa.Column("latest", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("stream", name="pk_event_streams"),
    )
    op.create_table(
        "events",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("stream", KEY, nullable=False),
        sa.Column("stream_seq", sa.BigInteger(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("type", KEY, nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_events"),
        sa.UniqueConstraint("stream", "stream_seq", name="uq_events_stream_stream_seq"),
    )
    op.create_index("ix_events_at", "events", ["at"])


def _create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", KEY, nullable=False),
        sa.Column("webhook_id", KEY, nullable=False),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.Column("topic", KEY, nullable=False),
        sa.Column("stream", KEY, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("next_try_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhooks.id"], name="fk_deliveries_webhook_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["event_seq"], ["events.seq"], name="fk_deliveries_event_seq"),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("webhook_id", "event_seq", name="uq_deliveries_webhook_id_event_seq"),
    )
    for columns in (
        ["webhook_id", "stream", "state", "event_seq"],
        ["webhook_id", "stream", "next_try_at"],
        ["webhook_id", "state", "event_seq"],
        ["state", "event_seq"],
        ["event_seq"],
        ["next_try_at", "event_seq"],
        ["ended_at"],
    ):
        op.create_index(f"ix_deliveries_{'_'.join(columns)}", "deliveries", columns)
