"""Tables of pipeline runs and step runs."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text

from millwright.storage.backends.sql.column import METADATA, Json, Key, Moment, sequence

PIPELINE_RUNS = Table(
    "pipeline_runs",
    METADATA,
    sequence(),
    Column("id", Key, nullable=False, unique=True),
    Column("id_reversed", Key, nullable=False, index=True),  # people type the end of an id; this finds it by index
    Column("pipeline", Key, nullable=False),
    Column("status", Key, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("cancel_requested_at", Moment),
    Column("cancel_requested_by", Text),
    Column("body", Json, nullable=False),
    Index(None, "pipeline", "started_at", "seq"),
    Index(None, "status", "started_at", "seq"),
    Index(None, "started_at", "seq"),
)

STEP_RUNS = Table(
    "step_runs",
    METADATA,
    sequence(),
    Column("id", Key, nullable=False, unique=True),
    Column("pipeline_run_id", Key, ForeignKey(PIPELINE_RUNS.c.id), nullable=False),
    Column("status", Key, nullable=False),
    Column("cache_key", Key),
    Column("started_at", Moment, nullable=False),
    Column("body", Json, nullable=False),
    Index(None, "pipeline_run_id", "started_at", "seq"),
    Index(None, "cache_key", "status", "started_at", "seq"),
)
