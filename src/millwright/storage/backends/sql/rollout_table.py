"""Tables of rollouts and of the evidence about their arms."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table

from millwright.storage.backends.sql.column import METADATA, Json, Key, Moment

ROLLOUTS = Table(
    "rollouts",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("endpoint", Key, nullable=False),
    Column("state", Key, nullable=False),
    Column("revision", Integer, nullable=False),
    # The endpoint while the rollout is open, nothing afterwards: so the database itself lets only one be open.
    Column("open_at", Key, unique=True),
    Column("created_at", Moment, nullable=False),
    Column("body", Json, nullable=False),
    Index(None, "endpoint", "created_at", "id"),
    Index(None, "created_at", "id"),
)

ROLLOUT_EVIDENCE = Table(
    "rollout_evidence",
    METADATA,
    Column("rollout_id", Key, primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("arm", Key, primary_key=True),
    Column("process", Key, primary_key=True),
    Column("updated_at", Moment, nullable=False),
    Column("body", Json, nullable=False),
)
