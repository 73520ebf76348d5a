"""Named artifacts, and logged models."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
MOMENT = sa.BigInteger()  # microseconds since 1970, UTC
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "files",
        sa.Column("folder", KEY, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.Column("is_folder", sa.Boolean(), nullable=False),
        sa.Column("digest", KEY, nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("modified_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("folder", "name", name="pk_files"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_files_digest", "files", ["digest"])
    op.create_table(
        "logged_models",
        sa.Column("seq", SEQUENCE, sa.Identity(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("experiment_id", KEY, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.Column("status", KEY, nullable=False),
        sa.Column("status_message", sa.Text(), nullable=True),
        sa.Column("model_type", KEY, nullable=True),
        sa.Column("source_run_id", KEY, nullable=True),
        sa.Column("artifact_location", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("lifecycle", KEY, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_logged_models"),
        sa.UniqueConstraint("id", name="uq_logged_models_id"),
    )
    op.create_index(
        "ix_logged_models_experiment_id_created_at_id", "logged_models", ["experiment_id", "created_at", "id"]
    )
    op.create_index("ix_logged_models_lifecycle_updated_at", "logged_models", ["lifecycle", "updated_at"])
    for name in ("logged_model_params", "logged_model_tags"):
        op.create_table(
            name,
            sa.Column("model_id", KEY, nullable=False),
            sa.Column("key", KEY, nullable=False),
            sa.Column("value", sa.Text(), nullable=False),
            sa.ForeignKeyConstraint(["model_id"], ["logged_models.id"], name=f"fk_{name}_model_id"),
            sa.PrimaryKeyConstraint("model_id", "key", name=f"pk_{name}"),
            sqlite_with_rowid=False,
        )
