"""Tags, states and contracts of datasets; cursors, erasures; definitions of features."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
MOMENT = sa.BigInteger()  # microseconds since 1970, UTC


def upgrade() -> None:
    op.add_column("dataset_versions", sa.Column("state", KEY, nullable=False, server_default="available"))
    _make_tags()
    _make_cursors()
    _make_contracts()
    _make_features()


def _make_tags() -> None:
    op.create_table(
        "dataset_tags",
        sa.Column("dataset", KEY, nullable=False),
        sa.Column("tag", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["dataset"], ["datasets.name"], name="fk_dataset_tags_dataset"),
        sa.PrimaryKeyConstraint("dataset", "tag", name="pk_dataset_tags"),
    )
    op.create_table(
        "erasures",
        sa.Column("id", KEY, nullable=False),
        sa.Column("dataset", KEY, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
    )
    op.create_index("ix_erasures_dataset_at", "erasures", ["dataset", "at"])


def _make_cursors() -> None:
    op.create_table(
        "source_cursors",
        sa.Column("dataset", KEY, nullable=False),
        sa.Column("source", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("dataset", "source", name="pk_source_cursors"),
    )


def _make_contracts() -> None:
    op.create_table(
        "contracts",
        sa.Column("name", KEY, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", "version", name="pk_contracts"),
    )


def _make_features() -> None:
    op.create_table(
        "feature_definitions",
        sa.Column("kind", KEY, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", "version", name="pk_feature_definitions"),
    )
    op.create_table(
        "materializations",
        sa.Column("id", KEY, nullable=False),
        sa.Column("view", KEY, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_materializations"),
    )
    op.create_index("ix_materializations_view_started_at", "materializations", ["view", "started_at"])
