"""Tables of experiments, runs and metrics."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Double, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from millwright.storage.backends.sql.column import METADATA, Key, Moment, sequence

EXPERIMENTS = Table(
    "experiments",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("name", Key, nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
)

RUNS = Table(
    "runs",
    METADATA,
    sequence(),
    Column("id", Key, nullable=False, unique=True),
    Column("experiment_id", Key, ForeignKey(EXPERIMENTS.c.id), nullable=False),
    Column("parent_id", Key),
    Column("name", Text, nullable=False),
    Column("status", Key, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Index(None, "experiment_id", "started_at", "seq"),
    Index(None, "parent_id", "started_at", "seq"),
    Index(None, "started_at", "seq"),
)

RUN_PARAMS = Table(
    "run_params",
    METADATA,
    Column("run_id", Key, ForeignKey(RUNS.c.id), primary_key=True),
    Column("key", Key, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)

RUN_TAGS = Table(
    "run_tags",
    METADATA,
    Column("run_id", Key, ForeignKey(RUNS.c.id), primary_key=True),
    Column("key", Key, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)

# One row per metric of a run, with its latest point; NaN, which SQLite has no form for, is `is_nan` and value 0.
METRICS = Table(
    "metrics",
    METADATA,
    sequence(),
    Column("run_id", Key, ForeignKey(RUNS.c.id), nullable=False),
    Column("key", Key, nullable=False),
    Column("step", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Column("value", Double, nullable=False),
    Column("is_nan", Boolean(create_constraint=False), nullable=False),
    UniqueConstraint("run_id", "key"),
)

# Clustered as it is read: one metric's points lie side by side, by step and time.
METRIC_POINTS = Table(
    "metric_points",
    METADATA,
    Column("metric", BigInteger().with_variant(Integer, "sqlite"), ForeignKey(METRICS.c.seq), primary_key=True),
    Column("step", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, primary_key=True, autoincrement=False),
    Column("value", Double, primary_key=True),
    Column("is_nan", Boolean(create_constraint=False), primary_key=True),
    sqlite_with_rowid=False,
)
