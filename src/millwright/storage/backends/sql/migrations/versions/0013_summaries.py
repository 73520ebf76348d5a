"""Summaries of the prediction log by hour and day, and which of its segments are in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
MOMENT = sa.BigInteger()  # microseconds since 1970, UTC


def upgrade() -> None:
    op.create_table(
        "window_summaries",
        sa.Column("endpoint", KEY, nullable=False),
        sa.Column("span", KEY, nullable=False),
        sa.Column("start", MOMENT, nullable=False),
        sa.Column("model", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("grid", KEY, nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("latency", sa.LargeBinary(), nullable=False),
        sa.Column("cells", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("endpoint", "span", "start", "model", "version", "grid", name="pk_window_summaries"),
    )
    op.create_index("ix_window_summaries_span_start", "window_summaries", ["span", "start"])
    op.create_table(
        "folded_segments",
        sa.Column("endpoint", KEY, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.PrimaryKeyConstraint("endpoint", "name", name="pk_folded_segments"),
    )
    op.create_table(
        "folds",
        sa.Column("endpoint", KEY, nullable=False),
        sa.Column("folds", sa.BigInteger(), nullable=False),
        sa.Column("segments", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("folded_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("endpoint", name="pk_folds"),
    )
