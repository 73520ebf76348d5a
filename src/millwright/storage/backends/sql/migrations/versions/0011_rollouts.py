"""Rollouts of endpoints, and the evidence about their arms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
MOMENT = sa.BigInteger()  # microseconds since 1970, UTC


def upgrade() -> None:
    op.create_table(
        "rollouts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("endpoint", KEY, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("open_at", KEY),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rollouts"),
        sa.UniqueConstraint("open_at", name="uq_rollouts_open_at"),
    )
    for columns in (["endpoint", "created_at", "id"], ["created_at", "id"]):
        op.create_index(f"ix_rollouts_{'_'.join(columns)}", "rollouts", columns)
    op.create_table(
        "rollout_evidence",
        sa.Column("rollout_id", KEY, nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("arm", KEY, nullable=False),
        sa.Column("process", KEY, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rollout_id", "step", "arm", "process", name="pk_rollout_evidence"),
    )
