"""Reports as pages, for people who were not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from millwright.core.records.monitor import MonitorReportRecord
    from millwright.monitoring.monitor import Monitor


def monitor_page(report: MonitorReportRecord, monitor: Monitor) -> str:
    """A monitoring report as one self-contained HTML page."""
    from millwright.evaluation.page import html_report
    from millwright.monitoring.page import report_sections

    return html_report(
        f"{report.endpoint}: {report.rows:,} predictions",
        report_sections(report, monitor.read_document(report)),
        subtitle=f"{report.model}@{report.version} against its training reference",
        footer=f"Checked on {report.created_at:%Y-%m-%d %H:%M} UTC.",
    )
