"""Silences, notifications of alerts, their deliveries; alerts that are followed, and streaks of findings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
MOMENT = sa.BigInteger()  # microseconds since 1970, UTC
SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.add_column("alerts", sa.Column("followed_at", MOMENT))
    op.execute("UPDATE alerts SET followed_at = created_at WHERE state != 'resolved'")
    op.create_index("ix_alerts_followed_at_seq", "alerts", ["followed_at", "seq"])
    op.create_index("ix_alerts_endpoint_followed_at_seq", "alerts", ["endpoint", "followed_at", "seq"])
    op.create_table(
        "alert_streaks",
        sa.Column("endpoint", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("endpoint", "kind", "subject", name="pk_alert_streaks"),
    )
    op.create_table(
        "silences",
        sa.Column("id", KEY, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_silences"),
    )
    op.create_index("ix_silences_ends_at_id", "silences", ["ends_at", "id"])
    _create_notifications()
    _create_deliveries()


def _create_notifications() -> None:
    op.create_table(
        "notifications",
        sa.Column("seq", SEQUENCE, sa.Identity(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("stream", KEY, nullable=False),
        sa.Column("gathering", KEY),
        sa.Column("state", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_notifications"),
        sa.UniqueConstraint("id", name="uq_notifications_id"),
        sa.UniqueConstraint("gathering", name="uq_notifications_gathering"),
    )
    for columns in (["stream", "seq"], ["state", "due_at"]):
        op.create_index(f"ix_notifications_{'_'.join(columns)}", "notifications", columns)


def _create_deliveries() -> None:
    op.create_table(
        "channel_deliveries",
        sa.Column("id", KEY, nullable=False),
        sa.Column("notification_id", KEY, nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("channel", KEY, nullable=False),
        sa.Column("stream", KEY, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_channel_deliveries"),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["notifications.id"],
            name="fk_channel_deliveries_notification_id",
            ondelete="CASCADE",
        ),
    )
    for columns in (
        ["notification_id"],
        ["channel", "stream", "state", "place"],
        ["channel", "state", "place"],
        ["state", "place"],
        ["place"],
        ["channel", "place"],
        ["next_try_at", "place"],
        ["ended_at"],
    ):
        op.create_index(f"ix_channel_deliveries_{'_'.join(columns)}", "channel_deliveries", columns)
