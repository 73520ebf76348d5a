"""Tracking: experiments, runs and metrics as they are searched."""
# ruff: noqa: S608 - statements of names that stand here

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
MOMENT = sa.BigInteger()  # microseconds since 1970, UTC
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CHANGED = ("metric_points", "metrics", "run_tags", "run_params", "runs", "experiments")


def upgrade() -> None:
    """Move the rows aside, make the tables anew and bring the rows back: SQLite cannot change constraints."""
    for table in CHANGED:
        op.execute(f"CREATE TABLE old_{table} AS SELECT * FROM {table}")
    for table in CHANGED:
        op.drop_table(table)
    _create_experiments()
    _create_runs()
    _create_pairs()
    _create_metrics()
    _create_links()
    _bring_back()
    for table in CHANGED:
        op.drop_table(f"old_{table}")


def _sequence() -> sa.Column[int]:
    return sa.Column("seq", NUMBER, sa.Identity(), nullable=False)


def _create_experiments() -> None:
    op.create_table(
        "experiments",
        _sequence(),
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("lifecycle", KEY, nullable=False),
        sa.Column("artifact_location", sa.Text(), nullable=False),
        sa.Column("project", KEY, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_experiments"),
        sa.UniqueConstraint("id", name="uq_experiments_id"),
        sa.UniqueConstraint("name", name="uq_experiments_name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "experiment_tags",
        sa.Column("experiment", NUMBER, autoincrement=False, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("value", KEY, nullable=False),
        sa.ForeignKeyConstraint(["experiment"], ["experiments.seq"], name="fk_experiment_tags_experiment"),
        sa.PrimaryKeyConstraint("experiment", "key", name="pk_experiment_tags"),
        sqlite_with_rowid=False,
    )


def _create_runs() -> None:
    op.create_table(
        "runs",
        _sequence(),
        sa.Column("id", KEY, nullable=False),
        sa.Column("experiment", NUMBER, nullable=False),
        sa.Column("parent_id", KEY, nullable=True),
        sa.Column("name", KEY, nullable=False),
        sa.Column("status", KEY, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("username", KEY, nullable=False),
        sa.Column("lifecycle", KEY, nullable=False),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.Column("artifact_uri", KEY, nullable=False),
        sa.ForeignKeyConstraint(["experiment"], ["experiments.seq"], name="fk_runs_experiment"),
        sa.PrimaryKeyConstraint("seq", name="pk_runs"),
        sa.UniqueConstraint("id", name="uq_runs_id"),
    )
    op.create_index("ix_runs_experiment_started_at", "runs", ["experiment", "started_at"])
    op.create_index("ix_runs_experiment_status_started_at", "runs", ["experiment", "status", "started_at"])
    op.create_index("ix_runs_experiment_ended_at", "runs", ["experiment", "ended_at"])
    op.create_index("ix_runs_parent_id_started_at", "runs", ["parent_id", "started_at"])
    op.create_index("ix_runs_started_at", "runs", ["started_at"])
    deleted = sa.text("deleted_at IS NOT NULL")
    op.create_index("ix_runs_deleted_at", "runs", ["deleted_at"], sqlite_where=deleted, postgresql_where=deleted)


def _create_pairs() -> None:
    for table in ("run_params", "run_tags"):
        op.create_table(
            table,
            sa.Column("run", NUMBER, autoincrement=False, nullable=False),
            sa.Column("key", KEY, nullable=False),
            sa.Column("value", KEY, nullable=False),
            sa.Column("head", KEY, nullable=False),
            sa.Column("experiment", NUMBER, nullable=False),
            sa.Column("started_at", MOMENT, nullable=False),
            sa.ForeignKeyConstraint(["run"], ["runs.seq"], name=f"fk_{table}_run"),
            sa.PrimaryKeyConstraint("run", "key", name=f"pk_{table}"),
            sqlite_with_rowid=False,
        )
        columns = ["experiment", "key", "head", "started_at", "run"]
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)


def _create_metrics() -> None:
    op.create_table(
        "metrics",
        _sequence(),
        sa.Column("run", NUMBER, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("is_nan", sa.Boolean(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("minimum", sa.Double(), nullable=True),
        sa.Column("maximum", sa.Double(), nullable=True),
        sa.Column("experiment", NUMBER, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.seq"], name="fk_metrics_run"),
        sa.PrimaryKeyConstraint("seq", name="pk_metrics"),
        sa.UniqueConstraint("run", "key", name="uq_metrics_run_key"),
    )
    columns = ["experiment", "key", "is_nan", "value", "started_at", "run"]
    op.create_index(f"ix_metrics_{'_'.join(columns)}", "metrics", columns)
    op.create_table(
        "metric_points",
        sa.Column("metric", NUMBER, nullable=False),
        sa.Column("step", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, autoincrement=False, nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("is_nan", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["metric"], ["metrics.seq"], name="fk_metric_points_metric"),
        sa.PrimaryKeyConstraint("metric", "step", "at", "value", "is_nan", name="pk_metric_points"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "logged_model_metrics",
        sa.Column("model_id", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("step", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, autoincrement=False, nullable=False),
        sa.Column("run", NUMBER, autoincrement=False, nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("is_nan", sa.Boolean(), nullable=False),
        sa.Column("dataset_name", KEY, nullable=True),
        sa.Column("dataset_digest", KEY, nullable=True),
        sa.ForeignKeyConstraint(["run"], ["runs.seq"], name="fk_logged_model_metrics_run"),
        sa.PrimaryKeyConstraint("model_id", "key", "step", "at", "run", name="pk_logged_model_metrics"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_logged_model_metrics_run", "logged_model_metrics", ["run"])
    columns = ["key", "is_nan", "value", "model_id"]
    op.create_index(f"ix_logged_model_metrics_{'_'.join(columns)}", "logged_model_metrics", columns)


def _create_links() -> None:
    op.create_table(
        "input_datasets",
        _sequence(),
        sa.Column("experiment", NUMBER, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.Column("digest", KEY, nullable=False),
        sa.Column("source_type", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("schema", sa.Text(), nullable=True),
        sa.Column("profile", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["experiment"], ["experiments.seq"], name="fk_input_datasets_experiment"),
        sa.PrimaryKeyConstraint("seq", name="pk_input_datasets"),
        sa.UniqueConstraint("experiment", "name", "digest", name="uq_input_datasets_experiment_name_digest"),
    )
    op.create_table(
        "run_datasets",
        _sequence(),
        sa.Column("run", NUMBER, nullable=False),
        sa.Column("dataset", NUMBER, nullable=False),
        sa.Column("context", KEY, nullable=True),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.seq"], name="fk_run_datasets_run"),
        sa.ForeignKeyConstraint(["dataset"], ["input_datasets.seq"], name="fk_run_datasets_dataset"),
        sa.PrimaryKeyConstraint("seq", name="pk_run_datasets"),
        sa.UniqueConstraint("run", "dataset", name="uq_run_datasets_run_dataset"),
    )
    op.create_index("ix_run_datasets_dataset_run", "run_datasets", ["dataset", "run"])
    op.create_table(
        "run_models",
        _sequence(),
        sa.Column("run", NUMBER, nullable=False),
        sa.Column("is_output", sa.Boolean(), nullable=False),
        sa.Column("model_id", KEY, nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.seq"], name="fk_run_models_run"),
        sa.PrimaryKeyConstraint("seq", name="pk_run_models"),
        sa.UniqueConstraint("run", "is_output", "model_id", name="uq_run_models_run_is_output_model_id"),
    )
    op.create_index("ix_run_models_model_id", "run_models", ["model_id"])


def _bring_back() -> None:
    now = time.time_ns() // 1000
    # An experiment that is called Default already keeps its name.
    op.execute(
        "INSERT INTO experiments (seq, id, name, created_at, lifecycle, artifact_location, project) VALUES "
        f"(0, '0', CASE WHEN EXISTS (SELECT 1 FROM old_experiments WHERE name = 'Default') "
        f"THEN 'Default (0)' ELSE 'Default' END, {now}, 'active', '', 'default')"
    )
    op.execute(
        "INSERT INTO experiments (seq, id, name, created_at, lifecycle, artifact_location, project) "
        "SELECT row_number() OVER (ORDER BY created_at, id), id, name, created_at, 'active', '', 'default' "
        "FROM old_experiments"
    )
    op.execute(
        "INSERT INTO runs (seq, id, experiment, parent_id, name, status, started_at, ended_at, username, lifecycle, "
        "artifact_uri) SELECT r.seq, r.id, e.seq, r.parent_id, r.name, r.status, r.started_at, r.ended_at, '', "
        "'active', '' FROM old_runs r JOIN experiments e ON e.id = r.experiment_id"
    )
    for table in ("run_params", "run_tags"):
        op.execute(
            f"INSERT INTO {table} (run, key, value, head, experiment, started_at) "
            "SELECT r.seq, p.key, p.value, substr(p.value, 1, 64), r.experiment, r.started_at "
            f"FROM old_{table} p JOIN runs r ON r.id = p.run_id"
        )
    no_nan = "CASE WHEN is_nan THEN NULL ELSE value END"
    op.execute(
        "INSERT INTO metrics (seq, run, key, step, at, value, is_nan, count, minimum, maximum, experiment, started_at) "
        "SELECT m.seq, r.seq, m.key, m.step, m.at, m.value, m.is_nan, s.count, s.low, s.high, r.experiment, "
        "r.started_at FROM old_metrics m JOIN runs r ON r.id = m.run_id "
        f"JOIN (SELECT metric, count(*) AS count, min({no_nan}) AS low, max({no_nan}) AS high "
        "FROM old_metric_points GROUP BY metric) s ON s.metric = m.seq"
    )
    op.execute("INSERT INTO metric_points SELECT metric, step, at, value, is_nan FROM old_metric_points")
    if op.get_bind().dialect.name == "postgresql":
        for table in ("experiments", "runs", "metrics"):
            op.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'seq'), greatest((SELECT max(seq) FROM {table}), 1), "
                f"(SELECT coalesce(max(seq), 0) > 0 FROM {table}))"
            )
