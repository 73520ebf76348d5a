"""Tables of logged models."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text

from millwright.storage.backends.sql.column import METADATA, Key, Moment, sequence

LOGGED_MODELS = Table(
    "logged_models",
    METADATA,
    sequence(),
    Column("id", Key, nullable=False, unique=True),
    Column("experiment_id", Key, nullable=False),
    Column("name", Key, nullable=False),
    Column("status", Key, nullable=False),
    Column("status_message", Text),
    Column("model_type", Key),
    Column("source_run_id", Key),
    Column("artifact_location", Key, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("lifecycle", Key, nullable=False),
    Index(None, "experiment_id", "created_at", "id"),
    Index(None, "lifecycle", "updated_at"),
)

LOGGED_MODEL_PARAMS = Table(
    "logged_model_params",
    METADATA,
    Column("model_id", Key, ForeignKey(LOGGED_MODELS.c.id), primary_key=True),
    Column("key", Key, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)

LOGGED_MODEL_TAGS = Table(
    "logged_model_tags",
    METADATA,
    Column("model_id", Key, ForeignKey(LOGGED_MODELS.c.id), primary_key=True),
    Column("key", Key, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)
