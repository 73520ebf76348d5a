"""Tables of experiments, runs and metrics.

Runs and experiments are known by number (`seq`) inside: a number is a quarter of an id, and it is in every row and
index below. What a search goes by stands in one index with the experiment before it and the run's start behind it, so
that it is found and sorted without reading the runs.
"""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Double, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from millwright.storage.backends.sql.column import METADATA, Json, Key, Moment, declare_later, sequence

# So many characters of a parameter or tag stand in its index; PostgreSQL's take no more than 2,700 bytes.
HEAD = 64

_Number = BigInteger().with_variant(Integer, "sqlite")


def _default_experiment() -> list[dict[str, Any]]:
    now = time.time_ns() // 1000
    fixed = {"seq": 0, "id": "0", "name": "Default", "lifecycle": "active", "artifact_location": ""}
    return [fixed | {"created_at": now, "project": "default"}]


EXPERIMENTS = Table(
    "experiments",
    METADATA,
    sequence(),
    Column("id", Key, nullable=False, unique=True),
    Column("name", Key, nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment),
    Column("lifecycle", Key, nullable=False),
    Column("artifact_location", Text, nullable=False),
    Column("project", Key, nullable=False),
    sqlite_autoincrement=True,  # numbers are ids that people keep: one that was given is never given again
    info={"first_rows": _default_experiment},
)

EXPERIMENT_TAGS = Table(
    "experiment_tags",
    METADATA,
    Column("experiment", _Number, ForeignKey(EXPERIMENTS.c.seq), primary_key=True, autoincrement=False),
    Column("key", Key, primary_key=True),
    Column("value", Key, nullable=False),
    sqlite_with_rowid=False,
)

RUNS = Table(
    "runs",
    METADATA,
    sequence(),
    Column("id", Key, nullable=False, unique=True),
    Column("experiment", _Number, ForeignKey(EXPERIMENTS.c.seq), nullable=False),
    Column("parent_id", Key),
    Column("name", Key, nullable=False),
    Column("status", Key, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("username", Key, nullable=False),
    Column("lifecycle", Key, nullable=False),
    Column("deleted_at", Moment),
    Column("artifact_uri", Key, nullable=False),
    Index(None, "experiment", "started_at"),
    Index(None, "experiment", "status", "started_at"),
    Index(None, "experiment", "ended_at"),
    Index(None, "parent_id", "started_at"),
    Index(None, "started_at"),
)
declare_later(
    lambda: Index(
        "ix_runs_deleted_at",
        RUNS.c.deleted_at,
        sqlite_where=RUNS.c.deleted_at.is_not(None),
        postgresql_where=RUNS.c.deleted_at.is_not(None),
    )
)


def _pairs(name: str) -> Table:
    return Table(
        name,
        METADATA,
        Column("run", _Number, ForeignKey(RUNS.c.seq), primary_key=True, autoincrement=False),
        Column("key", Key, primary_key=True),
        Column("value", Key, nullable=False),
        Column("head", Key, nullable=False),  # the first `HEAD` characters of the value
        Column("experiment", _Number, nullable=False),
        Column("started_at", Moment, nullable=False),
        Index(None, "experiment", "key", "head", "started_at", "run"),
        sqlite_with_rowid=False,
    )


RUN_PARAMS = _pairs("run_params")
RUN_TAGS = _pairs("run_tags")

# One row per metric of a run, with its latest point; NaN, which SQLite has no form for, is `is_nan` and value 0.
METRICS = Table(
    "metrics",
    METADATA,
    sequence(),
    Column("run", _Number, ForeignKey(RUNS.c.seq), nullable=False),
    Column("key", Key, nullable=False),
    Column("step", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Column("value", Double, nullable=False),
    Column("is_nan", Boolean(create_constraint=False), nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("minimum", Double),
    Column("maximum", Double),
    Column("experiment", _Number, nullable=False),
    Column("started_at", Moment, nullable=False),
    UniqueConstraint("run", "key"),
    Index(None, "experiment", "key", "is_nan", "value", "started_at", "run"),
)

# Clustered as it is read: one metric's points lie side by side, by step and time.
METRIC_POINTS = Table(
    "metric_points",
    METADATA,
    Column("metric", _Number, ForeignKey(METRICS.c.seq), primary_key=True),
    Column("step", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, primary_key=True, autoincrement=False),
    Column("value", Double, primary_key=True),
    Column("is_nan", Boolean(create_constraint=False), primary_key=True),
    sqlite_with_rowid=False,
)

# Points that were measured on a logged model, once more, as they are read with it.
LOGGED_MODEL_METRICS = Table(
    "logged_model_metrics",
    METADATA,
    Column("model_id", Key, primary_key=True),
    Column("key", Key, primary_key=True),
    Column("step", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, primary_key=True, autoincrement=False),
    Column("run", _Number, ForeignKey(RUNS.c.seq), primary_key=True, autoincrement=False),
    Column("value", Double, nullable=False),
    Column("is_nan", Boolean(create_constraint=False), nullable=False),
    Column("dataset_name", Key),
    Column("dataset_digest", Key),
    Index(None, "run"),
    Index(None, "key", "is_nan", "value", "model_id"),
    sqlite_with_rowid=False,
)

# A dataset as clients describe it: one row for each name and digest of an experiment.
INPUT_DATASETS = Table(
    "input_datasets",
    METADATA,
    sequence(),
    Column("experiment", _Number, ForeignKey(EXPERIMENTS.c.seq), nullable=False),
    Column("name", Key, nullable=False),
    Column("digest", Key, nullable=False),
    Column("source_type", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("schema", Text),
    Column("profile", Text),
    UniqueConstraint("experiment", "name", "digest"),
)

RUN_DATASETS = Table(
    "run_datasets",
    METADATA,
    sequence(),
    Column("run", _Number, ForeignKey(RUNS.c.seq), nullable=False),
    Column("dataset", _Number, ForeignKey(INPUT_DATASETS.c.seq), nullable=False),
    Column("context", Key),
    Column("tags", Json, nullable=False),
    UniqueConstraint("run", "dataset"),
    Index(None, "dataset", "run"),
)

RUN_MODELS = Table(
    "run_models",
    METADATA,
    sequence(),
    Column("run", _Number, ForeignKey(RUNS.c.seq), nullable=False),
    Column("is_output", Boolean(create_constraint=False), nullable=False),
    Column("model_id", Key, nullable=False),
    Column("step", BigInteger, nullable=False),
    UniqueConstraint("run", "is_output", "model_id"),
    Index(None, "model_id"),
)
