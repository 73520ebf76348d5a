"""Users, roles, tokens and sessions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
MOMENT = sa.BigInteger()  # microseconds since 1970, UTC


def upgrade() -> None:
    _create_users()
    _create_tokens()
    _create_sessions()


def _create_users() -> None:
    op.create_table(
        "users",
        sa.Column("name", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("issuer", KEY, nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_users"),
    )
    op.create_index(
        "ix_users_issuer_subject",
        "users",
        ["issuer", "subject"],
        unique=True,
        sqlite_where=sa.text("issuer != ''"),
        postgresql_where=sa.text("issuer != ''"),
    )
    op.create_table(
        "grants",
        sa.Column("user", KEY, nullable=False),
        sa.Column("project", KEY, nullable=False),
        sa.Column("role", KEY, nullable=False),
        sa.Column("granted_at", MOMENT, nullable=False),
        sa.Column("granted_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.name"], name="fk_grants_user"),
        sa.PrimaryKeyConstraint("user", "project", name="pk_grants"),
    )


def _create_tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", KEY, nullable=False),
        sa.Column("prefix", KEY, nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("user", KEY, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("role", KEY, nullable=False),
        sa.Column("projects", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["user"], ["users.name"], name="fk_tokens_user"),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
    )
    op.create_index("ix_tokens_prefix", "tokens", ["prefix"], unique=True)
    op.create_index("ix_tokens_user_created_at", "tokens", ["user", "created_at"])


def _create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id_hash", KEY, nullable=False),
        sa.Column("user", KEY, nullable=False),
        sa.Column("csrf_token", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.name"], name="fk_sessions_user"),
        sa.PrimaryKeyConstraint("id_hash", name="pk_sessions"),
    )
    op.create_index("ix_sessions_user", "sessions", ["user"])
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
