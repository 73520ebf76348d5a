"""Reports as pages, for people who were not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from millwright.core.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.core.records.monitor import MonitorReportRecord
    from millwright.monitoring.monitor import Monitor
    from millwright.monitoring.page import PastReport
    from millwright.storage.catalog import Stores

_REPORTS = 50  # that are drawn over time


class Reports(Protocol):
    """Where reports are; a workspace is such a place, and what the server's handlers are given."""

    @property
    def stores(self) -> Stores:
        """Holds their records."""
        ...

    @property
    def monitor(self) -> Monitor:
        """Reads their documents."""
        ...


def past_reports(reports: Reports, endpoint: str, monitor: str = "") -> list[PastReport]:
    """The newest 50 reports of an endpoint, with their documents as far as these are still there.

    Args:
        reports: Where they are.
        endpoint: Whose.
        monitor: Only those of this declared monitor, whose windows are alike; empty for all.
    """
    from millwright.monitoring.page import PastReport

    found = []
    for report in reports.stores.monitors.list_reports(endpoint, monitor=monitor or None, limit=_REPORTS):
        try:
            document = reports.monitor.read_document(report)
        except NotFoundError:  # removed, which the record outlives
            document = {}
        found.append(PastReport(report=report, document=document))
    return found


def document_page(report: MonitorReportRecord, document: Mapping[str, Any], past: Sequence[PastReport] = ()) -> str:
    """A monitoring report as one self-contained HTML page.

    Args:
        report: The report.
        document: Its full JSON (`Monitor.read_document`, `Monitor.view`).
        past: Earlier reports, to show the course (`past_reports`).
    """
    from datetime import datetime

    from millwright.evaluation.page import html_report
    from millwright.monitoring.page import report_sections

    by = f", as the monitor '{report.monitor}' declares" if report.monitor else ""
    made = datetime.fromisoformat(document["created_at"]) if "created_at" in document else report.created_at
    return html_report(
        f"{report.endpoint}: {report.rows:,} predictions",
        report_sections(report, document, past),
        subtitle=f"{report.model}@{report.version} against its training reference{by}",
        footer=f"Checked on {made:%Y-%m-%d %H:%M} UTC.",
    )
