"""Tables of endpoints and leases: what is going on at present."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from millwright.storage.backends.sql.column import METADATA, Json, Key, Moment

ENDPOINTS = Table(
    "endpoints",
    METADATA,
    Column("name", Key, primary_key=True),
    Column("model", Key, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("body", Json, nullable=False),
)

LEASES = Table(
    "leases",
    METADATA,
    Column("name", Key, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", Moment, nullable=False),
)
