"""Queued runs, schedules, triggers; requests to stop a run."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
MOMENT = sa.BigInteger()  # microseconds since 1970, UTC
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("pipeline_runs", sa.Column("cancel_requested_at", MOMENT))
    op.add_column("pipeline_runs", sa.Column("cancel_requested_by", sa.Text()))
    _make_queue()
    _make_schedules()


def _make_queue() -> None:
    op.create_table(
        "run_requests",
        sa.Column("seq", NUMBER, sa.Identity(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("id_reversed", KEY, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("not_before", MOMENT, nullable=False),
        sa.Column("dedup_key", KEY),
        sa.Column("owner", sa.Text()),
        sa.Column("lease_until", MOMENT),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("error", sa.Text()),
        sa.Column("cancel_requested_at", MOMENT),
        sa.Column("cancel_requested_by", sa.Text()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_run_requests"),
        sa.UniqueConstraint("id", name="uq_run_requests_id"),
        sa.UniqueConstraint("dedup_key", name="uq_run_requests_dedup_key"),
    )
    for columns in (
        ["id_reversed"],
        ["state", "rank", "created_at", "seq"],
        ["state", "lease_until"],
        ["name", "created_at", "seq"],
        ["created_at", "seq"],
        ["ended_at"],
    ):
        op.create_index(f"ix_run_requests_{'_'.join(columns)}", "run_requests", columns)


def _make_schedules() -> None:
    op.create_table(
        "schedules",
        sa.Column("name", KEY, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("next_at", MOMENT),
        sa.Column("last_at", MOMENT),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_schedules"),
    )
    op.create_index("ix_schedules_state_next_at", "schedules", ["state", "next_at"])
    op.create_table(
        "triggers",
        sa.Column("name", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("fired_at", MOMENT),
        sa.Column("token_hash", KEY),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_triggers"),
        sa.UniqueConstraint("token_hash", name="uq_triggers_token_hash"),
    )
