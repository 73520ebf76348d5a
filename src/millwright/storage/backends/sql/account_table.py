"""Tables of users, roles, tokens and sessions."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Table, Text

from millwright.storage.backends.sql.column import METADATA, Json, Key, Moment, declare_later

USERS = Table(
    "users",
    METADATA,
    Column("name", Key, primary_key=True),
    Column("created_at", Moment, nullable=False),
    Column("password_hash", Text, nullable=True),
    Column("disabled", Boolean, nullable=False),
    Column("issuer", Key, nullable=False),
    Column("subject", Key, nullable=False),
    Column("email", Text, nullable=False),
)
declare_later(
    lambda: Index(
        "ix_users_issuer_subject",
        USERS.c.issuer,
        USERS.c.subject,
        unique=True,
        sqlite_where=USERS.c.issuer != "",
        postgresql_where=USERS.c.issuer != "",
    )
)

GRANTS = Table(
    "grants",
    METADATA,
    Column("user", Key, ForeignKey("users.name", name="fk_grants_user"), primary_key=True),
    Column("project", Key, primary_key=True),
    Column("role", Key, nullable=False),
    Column("granted_at", Moment, nullable=False),
    Column("granted_by", Text, nullable=False),
)

TOKENS = Table(
    "tokens",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("prefix", Key, nullable=False),
    Column("secret_hash", Text, nullable=False),
    Column("user", Key, ForeignKey("users.name", name="fk_tokens_user"), nullable=False),
    Column("label", Text, nullable=False),
    Column("role", Key, nullable=False),
    Column("projects", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=True),
    Column("revoked_at", Moment, nullable=True),
    Column("last_used_at", Moment, nullable=True),
)
Index("ix_tokens_prefix", TOKENS.c.prefix, unique=True)
Index("ix_tokens_user_created_at", TOKENS.c.user, TOKENS.c.created_at)

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("id_hash", Key, primary_key=True),
    Column("user", Key, ForeignKey("users.name", name="fk_sessions_user"), nullable=False),
    Column("csrf_token", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)
Index("ix_sessions_user", SESSIONS.c.user)
Index("ix_sessions_expires_at", SESSIONS.c.expires_at)
