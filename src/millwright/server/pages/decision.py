"""Alerts, and the decisions that followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar import get
from litestar.response import Template

from millwright.server.injection import FromApp
from millwright.server.pages.element import Link, Page, Section, Several, Table
from millwright.server.pages.rendering import show
from millwright.server.pages.wording import route, run_link, status, version_link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.monitor import AlertRecord, DecisionRecord
    from millwright.server.pages.element import Cell

_SHOWN = 200


@get("/decisions", sync_to_thread=True, include_in_schema=False)
def show_decisions(services: FromApp) -> Template:
    """Show decisions with their reasons, and alerts, newest first."""
    monitors = services.stores.monitors
    sections = [
        Section(
            title="Decisions",
            text=["What was decided after an alert or another trigger, and why."],
            tables=[decision_table(monitors.list_decisions(limit=_SHOWN))],
        ),
        Section(title="Alerts", tables=[alert_table(monitors.list_alerts(limit=_SHOWN))]),
    ]
    return show(Page(title="Decisions", place="/decisions", sections=sections))


def decision_table(decisions: Sequence[DecisionRecord]) -> Table:
    """Decisions in a table."""
    rows: list[list[Cell]] = [
        [
            status(decision.outcome),
            decision.at,
            version_link(decision.challenger),
            version_link(decision.champion),
            run_link(decision.pipeline_run_id) if decision.pipeline_run_id else None,
            Several(decision.reasons) if decision.reasons else None,
        ]
        for decision in decisions
    ]
    headers = ["Outcome", "At", "Challenger", "Champion before", "Run", "Reasons"]
    return Table(headers=headers, rows=rows, empty="Nothing had to be decided yet.")


def alert_table(alerts: Sequence[AlertRecord]) -> Table:
    """Alerts in a table."""
    rows: list[list[Cell]] = [
        [
            Link(f"…{alert.id[-8:]}", route("alerts", alert.id)),
            status(alert.severity),
            status(alert.state),
            Link(_about(alert), route("reports", alert.report_id)) if alert.report_id else _about(alert),
            Link(alert.endpoint, route("endpoints", alert.endpoint)),
            alert.monitor or None,
            alert.message,
            alert.created_at,
            alert.last_seen,
            alert.count,
            _hands(alert),
        ]
        for alert in alerts
    ]
    # The widest tables are cut off on the right.
    about = ["Alert", "Severity", "State", "Kind", "Endpoint", "Monitor", "Message"]
    headers = [*about, "Raised", "Last found", "Times found", "In whose hands"]
    return Table(headers=headers, rows=rows, empty="There is no alert.")


def _about(alert: AlertRecord) -> str:
    return f"{alert.kind} {alert.subject}".strip()


def _hands(alert: AlertRecord) -> str | None:
    """Who closed it, else who took it on; None for nobody."""
    return alert.resolved_by or alert.acknowledged_by or None
