"""What `mw monitor check` and `mw monitor report` end with: alerts, and what would be one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.cli.console import Output
    from millwright.core.records.monitor import AlertRecord, MonitorReportRecord
    from millwright.monitoring.finding import Finding
    from millwright.workspace.workspace import Workspace

_RETRAINED = ("performance", "estimated_performance", "drift")  # what another model is an answer to, by urgency


def found_alerts(workspace: Workspace, report: MonitorReportRecord) -> list[AlertRecord]:
    """The unresolved alerts whose cause a report found, newest first: those that it raised, and those found again."""
    from millwright.monitoring.alert import unresolved_alerts

    standing = unresolved_alerts(workspace.stores.monitors, report.endpoint, monitor=report.monitor)
    return [alert for alert in standing if report.id in {alert.report_id, alert.last_report_id}]


def print_alerts(
    out: Output, alerts: Sequence[AlertRecord], report: MonitorReportRecord, document: Mapping[str, Any]
) -> None:
    """Each alert with what has become of it, findings that are no alert yet, and what to do next.

    Args:
        out: The terminal.
        alerts: Those of `found_alerts`.
        report: The check.
        document: Its full JSON.
    """
    for alert in alerts:
        known = _known(alert) if alert.report_id != report.id else ""
        out.warn(f"{alert.severity.value}: {alert.message}{known}")
    raised = {alert.kind for alert in alerts}
    waiting = [each["message"] for each in document["findings"] if each["kind"] not in raised]
    for message in waiting:
        out.warn(f"{message} (no alert yet: as many checks in a row must find it as alerts.raise_after says)")
    if alerts:
        out.next(*_next(alerts))
        return
    if not waiting:
        out.line("No alert was raised.")
    out.next(f"mw monitor reports {report.endpoint}")


def print_findings(out: Output, findings: Sequence[Finding], check: str) -> None:
    """What would be worth an alert, and the command that raises it.

    Args:
        out: The terminal.
        findings: Of a report that is not kept.
        check: The command.
    """
    for finding in findings:
        out.warn(f"{finding.severity.value}: {finding.message}")
    if not findings:
        out.line("Nothing is worth an alert.")
    out.next(check)


def _known(alert: AlertRecord) -> str:
    from millwright.cli.console import cell

    taken = f", acknowledged by {alert.acknowledged_by}" if alert.acknowledged_by else ""
    return f" (alert {alert.id[-8:]}, found {alert.count} times since {cell(alert.created_at)}{taken})"


def _next(alerts: Sequence[AlertRecord]) -> list[str]:
    answered = sorted((a for a in alerts if a.kind in _RETRAINED), key=lambda alert: _RETRAINED.index(alert.kind))
    retrain = [f"mw alerts retrain {a.id[-8:]} --pipeline pipeline.py --param source=NEW.csv" for a in answered[:1]]
    return [*retrain, f"mw alerts show {(answered or list(alerts))[0].id[-8:]}"]
