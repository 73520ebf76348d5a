"""Which declared monitor a report, an alert and a streak of findings is of."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
MOMENT = sa.BigInteger()  # microseconds since 1970, UTC


def upgrade() -> None:
    for table in ("monitor_reports", "alerts"):
        op.add_column(table, sa.Column("monitor", KEY, nullable=False, server_default=""))
    columns = ["endpoint", "monitor", "created_at", "seq"]
    op.create_index(f"ix_monitor_reports_{'_'.join(columns)}", "monitor_reports", columns)
    _name_monitors()
    # What was counted so far is of no one monitor, and begins anew.
    op.drop_table("alert_streaks")
    op.create_table(
        "alert_streaks",
        sa.Column("endpoint", KEY, nullable=False),
        sa.Column("monitor", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("endpoint", "monitor", "kind", "subject", name="pk_alert_streaks"),
    )


def _name_monitors() -> None:
    """Tell from the audit log which monitor asked for a report; an alert is of the report that was last found in.

    An open alert that was left without its monitor would be raised again by the next check, and end by no other.
    """
    audit, reports, alerts = (
        sa.table("audit_events", sa.column("action"), sa.column("details")),
        sa.table("monitor_reports", sa.column("id"), sa.column("monitor")),
        sa.table("alerts", sa.column("id"), sa.column("body"), sa.column("monitor")),
    )
    connection = op.get_bind()
    names = {}
    for (text,) in connection.execute(sa.select(audit.c.details).where(audit.c.action == "monitor.check")).all():
        details = json.loads(text)
        if details.get("monitor"):
            names[details["report_id"]] = details["monitor"]["name"]
    for report, name in names.items():
        connection.execute(sa.update(reports).where(reports.c.id == report).values(monitor=name))
    for alert, text in connection.execute(sa.select(alerts.c.id, alerts.c.body)).all():
        body = json.loads(text)
        found = body.get("subject") if body["kind"] == "check_failed" else names.get(_report(body))
        if found:
            connection.execute(sa.update(alerts).where(alerts.c.id == alert).values(monitor=found))


def _report(body: dict[str, str | None]) -> str | None:
    return body.get("last_report_id") or body.get("report_id")
