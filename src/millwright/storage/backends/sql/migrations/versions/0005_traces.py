"""Traces, their spans and assessments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
MOMENT = sa.BigInteger()  # microseconds since 1970, UTC


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "traces",
        sa.Column("id", KEY, nullable=False),
        sa.Column("experiment_id", KEY, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=True),
        sa.Column("request_preview", sa.Text(), nullable=True),
        sa.Column("response_preview", sa.Text(), nullable=True),
        sa.Column("client_request_id", KEY, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_traces"),
    )
    op.create_index("ix_traces_experiment_id_requested_at_id", "traces", ["experiment_id", "requested_at", "id"])
    for name in ("trace_tags", "trace_metadata"):
        op.create_table(
            name,
            sa.Column("trace_id", KEY, nullable=False),
            sa.Column("key", KEY, nullable=False),
            sa.Column("value", sa.Text(), nullable=False),
            sa.ForeignKeyConstraint(["trace_id"], ["traces.id"], name=f"fk_{name}_trace_id"),
            sa.PrimaryKeyConstraint("trace_id", "key", name=f"pk_{name}"),
            sqlite_with_rowid=False,
        )
    op.create_table(
        "trace_spans",
        sa.Column("trace_id", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.Column("start_ns", sa.BigInteger(), nullable=False),
        sa.Column("end_ns", sa.BigInteger(), nullable=True),
        sa.Column("parent_id", KEY, nullable=True),
        sa.Column("status", KEY, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("type", KEY, nullable=True),
        sa.Column("model", KEY, nullable=True),
        sa.Column("provider", KEY, nullable=True),
        sa.Column("input_cost", sa.Double(), nullable=True),
        sa.Column("output_cost", sa.Double(), nullable=True),
        sa.Column("total_cost", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["trace_id"], ["traces.id"], name="fk_trace_spans_trace_id"),
        sa.PrimaryKeyConstraint("trace_id", "id", name="pk_trace_spans"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "trace_links",
        sa.Column("kind", KEY, nullable=False),
        sa.Column("target", KEY, nullable=False),
        sa.Column("trace_id", KEY, nullable=False),
        sa.PrimaryKeyConstraint("kind", "target", "trace_id", name="pk_trace_links"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_trace_links_trace_id", "trace_links", ["trace_id"])
    _make_assessments()


def _make_assessments() -> None:
    op.create_table(
        "assessments",
        sa.Column("id", KEY, nullable=False),
        sa.Column("trace_id", KEY, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("number", sa.Double(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("source_type", KEY, nullable=False),
        sa.Column("source_id", KEY, nullable=True),
        sa.Column("span_id", KEY, nullable=True),
        sa.Column("rationale", sa.Text(), nullable=True),
        sa.Column("overrides", KEY, nullable=True),
        sa.Column("valid", sa.Boolean(), nullable=False),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.Column("session", KEY, nullable=True),
        sa.ForeignKeyConstraint(["trace_id"], ["traces.id"], name="fk_assessments_trace_id"),
        sa.PrimaryKeyConstraint("id", name="pk_assessments"),
    )
    op.create_index("ix_assessments_trace_id", "assessments", ["trace_id"])
    op.create_index("ix_assessments_session", "assessments", ["session"])
