"""Evaluation datasets and scorers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
MOMENT = sa.BigInteger()  # microseconds since 1970, UTC
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _make_datasets()
    _make_examples()
    _make_scorers()


def _make_datasets() -> None:
    op.create_table(
        "evaluation_datasets",
        sa.Column("seq", NUMBER, sa.Identity(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.Column("digest", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("created_by", KEY, nullable=True),
        sa.Column("updated_by", KEY, nullable=True),
        sa.Column("schema", sa.Text(), nullable=True),
        sa.Column("examples", sa.BigInteger(), nullable=False),
        sa.Column("project", KEY, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_evaluation_datasets"),
        sa.UniqueConstraint("id", name="uq_evaluation_datasets_id"),
    )
    op.create_table(
        "evaluation_dataset_tags",
        sa.Column("dataset", NUMBER, autoincrement=False, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["dataset"], ["evaluation_datasets.seq"], name="fk_evaluation_dataset_tags_dataset"),
        sa.PrimaryKeyConstraint("dataset", "key", name="pk_evaluation_dataset_tags"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "evaluation_dataset_experiments",
        sa.Column("dataset", NUMBER, autoincrement=False, nullable=False),
        sa.Column("experiment_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset"], ["evaluation_datasets.seq"], name="fk_evaluation_dataset_experiments_dataset"
        ),
        sa.PrimaryKeyConstraint("dataset", "experiment_id", name="pk_evaluation_dataset_experiments"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_evaluation_dataset_experiments_experiment_id", "evaluation_dataset_experiments", ["experiment_id"]
    )


def _make_examples() -> None:
    op.create_table(
        "evaluation_examples",
        sa.Column("seq", NUMBER, sa.Identity(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("dataset", NUMBER, nullable=False),
        sa.Column("input_digest", KEY, nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("outputs", sa.Text(), nullable=True),
        sa.Column("expectations", sa.Text(), nullable=True),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("created_by", KEY, nullable=True),
        sa.Column("updated_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(["dataset"], ["evaluation_datasets.seq"], name="fk_evaluation_examples_dataset"),
        sa.PrimaryKeyConstraint("seq", name="pk_evaluation_examples"),
        sa.UniqueConstraint("id", name="uq_evaluation_examples_id"),
        sa.UniqueConstraint("dataset", "input_digest", name="uq_evaluation_examples_dataset_input_digest"),
    )
    op.create_index("ix_evaluation_examples_dataset_seq", "evaluation_examples", ["dataset", "seq"])


def _make_scorers() -> None:
    op.create_table(
        "scorers",
        sa.Column("seq", NUMBER, sa.Identity(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("experiment", NUMBER, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.ForeignKeyConstraint(["experiment"], ["experiments.seq"], name="fk_scorers_experiment"),
        sa.PrimaryKeyConstraint("seq", name="pk_scorers"),
        sa.UniqueConstraint("id", name="uq_scorers_id"),
        sa.UniqueConstraint("experiment", "name", name="uq_scorers_experiment_name"),
    )
    op.create_table(
        "scorer_versions",
        sa.Column("scorer", NUMBER, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("serialized", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["scorer"], ["scorers.seq"], name="fk_scorer_versions_scorer"),
        sa.PrimaryKeyConstraint("scorer", "version", name="pk_scorer_versions"),
    )
