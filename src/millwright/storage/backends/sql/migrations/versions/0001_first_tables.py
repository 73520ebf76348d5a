"""The first tables: runs, datasets, pipelines, models, audit log, lineage, monitoring, endpoints and leases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

# Frozen here, apart from `column`: what that module says tomorrow must not change what this migration does.
KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
MOMENT = sa.BigInteger()  # microseconds since 1970, UTC
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_runs()
    _create_metrics()
    _create_datasets()
    _create_pipelines()
    _create_models()
    _create_promotions()
    _create_history()
    _create_monitors()
    _create_endpoints()


def _create_runs() -> None:
    op.create_table(
        "experiments",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_experiments"),
        sa.UniqueConstraint("name", name="uq_experiments_name"),
    )
    op.create_table(
        "runs",
        sa.Column("seq", SEQUENCE, sa.Identity(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("experiment_id", KEY, nullable=False),
        sa.Column("parent_id", KEY, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", KEY, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["experiment_id"], ["experiments.id"], name="fk_runs_experiment_id"),
        sa.PrimaryKeyConstraint("seq", name="pk_runs"),
        sa.UniqueConstraint("id", name="uq_runs_id"),
    )
    op.create_index("ix_runs_experiment_id_started_at_seq", "runs", ["experiment_id", "started_at", "seq"])
    op.create_index("ix_runs_parent_id_started_at_seq", "runs", ["parent_id", "started_at", "seq"])
    op.create_index("ix_runs_started_at_seq", "runs", ["started_at", "seq"])
    op.create_table(
        "run_params",
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_run_params_run_id"),
        sa.PrimaryKeyConstraint("run_id", "key", name="pk_run_params"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "run_tags",
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_run_tags_run_id"),
        sa.PrimaryKeyConstraint("run_id", "key", name="pk_run_tags"),
        sqlite_with_rowid=False,
    )


def _create_metrics() -> None:
    op.create_table(
        "metrics",
        sa.Column("seq", SEQUENCE, sa.Identity(), nullable=False),
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("is_nan", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_metrics_run_id"),
        sa.PrimaryKeyConstraint("seq", name="pk_metrics"),
        sa.UniqueConstraint("run_id", "key", name="uq_metrics_run_id_key"),
    )
    op.create_table(
        "metric_points",
        sa.Column("metric", SEQUENCE, nullable=False),
        sa.Column("step", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, autoincrement=False, nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("is_nan", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["metric"], ["metrics.seq"], name="fk_metric_points_metric"),
        sa.PrimaryKeyConstraint("metric", "step", "at", "value", "is_nan", name="pk_metric_points"),
        sqlite_with_rowid=False,
    )


def _create_datasets() -> None:
    op.create_table(
        "datasets",
        sa.Column("name", KEY, nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_datasets"),
    )
    op.create_table(
        "dataset_versions",
        sa.Column("seq", SEQUENCE, sa.Identity(), nullable=False),
        sa.Column("dataset", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("digest", KEY, nullable=False),
        sa.Column("source_digest", KEY, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["dataset"], ["datasets.name"], name="fk_dataset_versions_dataset"),
        sa.PrimaryKeyConstraint("seq", name="pk_dataset_versions"),
        sa.UniqueConstraint("dataset", "version", name="uq_dataset_versions_dataset_version"),
    )
    op.create_index("ix_dataset_versions_dataset_digest_version", "dataset_versions", ["dataset", "digest", "version"])
    op.create_index(
        "ix_dataset_versions_dataset_source_digest_version", "dataset_versions", ["dataset", "source_digest", "version"]
    )


def _create_pipelines() -> None:
    op.create_table(
        "pipeline_runs",
        sa.Column("seq", SEQUENCE, sa.Identity(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("id_reversed", KEY, nullable=False),
        sa.Column("pipeline", KEY, nullable=False),
        sa.Column("status", KEY, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_pipeline_runs"),
        sa.UniqueConstraint("id", name="uq_pipeline_runs_id"),
    )
    op.create_index("ix_pipeline_runs_id_reversed", "pipeline_runs", ["id_reversed"])
    op.create_index("ix_pipeline_runs_pipeline_started_at_seq", "pipeline_runs", ["pipeline", "started_at", "seq"])
    op.create_index("ix_pipeline_runs_started_at_seq", "pipeline_runs", ["started_at", "seq"])
    op.create_index("ix_pipeline_runs_status_started_at_seq", "pipeline_runs", ["status", "started_at", "seq"])
    op.create_table(
        "step_runs",
        sa.Column("seq", SEQUENCE, sa.Identity(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("pipeline_run_id", KEY, nullable=False),
        sa.Column("status", KEY, nullable=False),
        sa.Column("cache_key", KEY, nullable=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["pipeline_run_id"], ["pipeline_runs.id"], name="fk_step_runs_pipeline_run_id"),
        sa.PrimaryKeyConstraint("seq", name="pk_step_runs"),
        sa.UniqueConstraint("id", name="uq_step_runs_id"),
    )
    op.create_index(
        "ix_step_runs_cache_key_status_started_at_seq", "step_runs", ["cache_key", "status", "started_at", "seq"]
    )
    op.create_index(
        "ix_step_runs_pipeline_run_id_started_at_seq", "step_runs", ["pipeline_run_id", "started_at", "seq"]
    )


def _create_models() -> None:
    op.create_table(
        "models",
        sa.Column("name", KEY, nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_models"),
    )
    op.create_table(
        "model_versions",
        sa.Column("seq", SEQUENCE, sa.Identity(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("package", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["name"], ["models.name"], name="fk_model_versions_name"),
        sa.PrimaryKeyConstraint("seq", name="pk_model_versions"),
        sa.UniqueConstraint("id", name="uq_model_versions_id"),
        sa.UniqueConstraint("name", "version", name="uq_model_versions_name_version"),
    )
    op.create_index("ix_model_versions_name_package_version", "model_versions", ["name", "package", "version"])


def _create_promotions() -> None:
    op.create_table(
        "model_aliases",
        sa.Column("name", KEY, nullable=False),
        sa.Column("alias", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["name", "version"], ["model_versions.name", "model_versions.version"], name="fk_model_aliases_name_version"
        ),
        sa.PrimaryKeyConstraint("name", "alias", name="pk_model_aliases"),
    )
    op.create_table(
        "model_approvals",
        sa.Column("seq", SEQUENCE, sa.Identity(), nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["name", "version"],
            ["model_versions.name", "model_versions.version"],
            name="fk_model_approvals_name_version",
        ),
        sa.PrimaryKeyConstraint("seq", name="pk_model_approvals"),
    )
    op.create_index("ix_model_approvals_name_version_seq", "model_approvals", ["name", "version", "seq"])


def _create_history() -> None:
    op.create_table(
        "audit_events",
        sa.Column("seq", SEQUENCE, autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", KEY, nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("previous_hash", KEY, nullable=False),
        sa.Column("hash", KEY, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_events"),
    )
    op.create_index("ix_audit_events_subject_seq", "audit_events", ["subject", "seq"])
    op.create_table(
        "lineage_edges",
        sa.Column("seq", SEQUENCE, sa.Identity(), nullable=False),
        sa.Column("source_kind", KEY, nullable=False),
        sa.Column("source_id", KEY, nullable=False),
        sa.Column("relation", KEY, nullable=False),
        sa.Column("target_kind", KEY, nullable=False),
        sa.Column("target_id", KEY, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_lineage_edges"),
        sa.UniqueConstraint(
            "target_kind", "target_id", "source_kind", "source_id", "relation", name="uq_lineage_edges_edge"
        ),
    )
    op.create_index("ix_lineage_edges_source", "lineage_edges", ["source_kind", "source_id", "at", "seq"])
    op.create_index("ix_lineage_edges_target", "lineage_edges", ["target_kind", "target_id", "at", "seq"])


def _create_monitors() -> None:
    op.create_table(
        "monitor_reports",
        sa.Column("seq", SEQUENCE, sa.Identity(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("endpoint", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_monitor_reports"),
        sa.UniqueConstraint("id", name="uq_monitor_reports_id"),
    )
    op.create_index("ix_monitor_reports_created_at_seq", "monitor_reports", ["created_at", "seq"])
    op.create_index("ix_monitor_reports_endpoint_created_at_seq", "monitor_reports", ["endpoint", "created_at", "seq"])
    op.create_table(
        "alerts",
        sa.Column("seq", SEQUENCE, sa.Identity(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("endpoint", KEY, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_alerts"),
        sa.UniqueConstraint("id", name="uq_alerts_id"),
    )
    op.create_index("ix_alerts_created_at_seq", "alerts", ["created_at", "seq"])
    op.create_index("ix_alerts_endpoint_created_at_seq", "alerts", ["endpoint", "created_at", "seq"])
    op.create_index("ix_alerts_state_created_at_seq", "alerts", ["state", "created_at", "seq"])
    op.create_table(
        "decisions",
        sa.Column("seq", SEQUENCE, sa.Identity(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_decisions"),
        sa.UniqueConstraint("id", name="uq_decisions_id"),
    )
    op.create_index("ix_decisions_at_seq", "decisions", ["at", "seq"])


def _create_endpoints() -> None:
    op.create_table(
        "endpoints",
        sa.Column("name", KEY, nullable=False),
        sa.Column("model", KEY, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_endpoints"),
    )
    op.create_table(
        "leases",
        sa.Column("name", KEY, nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
