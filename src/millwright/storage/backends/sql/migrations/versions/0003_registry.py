"""The registry: projects, times of change, sources, runs and stages of versions, tags as they are searched."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
MOMENT = sa.BigInteger()  # microseconds since 1970, UTC
_PAGE = 500


def upgrade() -> None:
    """Add columns and tables, and fill them from what is there."""
    for column in (
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("project", KEY, nullable=False, server_default="default"),
    ):
        op.add_column("models", column)
    for column in (
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("stage", KEY, nullable=False, server_default="None"),
        sa.Column("source", sa.Text(), nullable=False, server_default=""),
        sa.Column("run_id", KEY, nullable=True),
        sa.Column("deleted_at", MOMENT, nullable=True),
    ):
        op.add_column("model_versions", column)
    op.create_index("ix_models_updated_at_name", "models", ["updated_at", "name"])
    op.create_index("ix_model_versions_updated_at_name_version", "model_versions", ["updated_at", "name", "version"])
    op.create_index("ix_model_versions_run_id", "model_versions", ["run_id"])
    op.create_table(
        "model_tags",
        sa.Column("name", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", "key", name="pk_model_tags"),
    )
    op.create_index("ix_model_tags_key_name", "model_tags", ["key", "name"])
    op.create_table(
        "model_version_tags",
        sa.Column("name", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", "version", "key", name="pk_model_version_tags"),
    )
    op.create_index("ix_model_version_tags_key_name_version", "model_version_tags", ["key", "name", "version"])
    for table in ("models", "model_versions"):
        op.execute(f"UPDATE {table} SET updated_at = created_at")  # noqa: S608 - two known names
    _move()


def _move() -> None:
    connection = op.get_bind()
    add = sa.text("INSERT INTO model_tags (name, key, value) VALUES (:name, :key, :value)")
    for name, body in connection.execute(sa.text("SELECT name, body FROM models")).all():
        for key, value in json.loads(body).get("tags", {}).items():
            connection.execute(add, {"name": name, "key": key, "value": value})
    add = sa.text("INSERT INTO model_version_tags (name, version, key, value) VALUES (:name, :version, :key, :value)")
    # What has a column now leaves the body.
    write = sa.text("UPDATE model_versions SET run_id = :run_id, body = :body WHERE seq = :seq")
    page = sa.text(
        f"SELECT seq, name, version, body FROM model_versions WHERE seq > :seq ORDER BY seq LIMIT {_PAGE}"  # noqa: S608
    )
    last = 0
    while rows := connection.execute(page, {"seq": last}).all():
        for seq, name, version, body in rows:
            fields = json.loads(body)
            run_id = fields.pop("run_id", None)
            text = json.dumps(fields, separators=(",", ":"))
            connection.execute(write, {"run_id": run_id, "body": text, "seq": seq})
            for key, value in fields.get("tags", {}).items():
                connection.execute(add, {"name": name, "version": version, "key": key, "value": value})
            last = seq
