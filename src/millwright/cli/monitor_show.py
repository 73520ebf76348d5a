"""`mw monitor show`: a report that was kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli.file import require_writable
from millwright.cli.monitor_option import OfMonitor
from millwright.cli.monitor_report import print_report, print_whole, write_page
from millwright.cli.option import AsJson, start
from millwright.core.errors import ConflictError, NotFoundError

if TYPE_CHECKING:
    from millwright.cli.console import Output
    from millwright.core.records.monitor import MonitorReportRecord
    from millwright.workspace.workspace import Workspace

_MOST = 1000  # reports that are looked through for one whose id ends so


def register(app: typer.Typer) -> None:
    """Add the command to `mw monitor`."""
    app.command("show")(show)


def show(
    report: Annotated[
        str,
        typer.Argument(help="The report's id or its last 8 digits, or an endpoint for its newest; the newest of all."),
    ] = "",
    *,
    monitor: OfMonitor = "",
    html: Annotated[str, typer.Option(help="Also write an HTML report here.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show a report that a check has written: what was looked at, and what was found."""
    if html:
        require_writable(html)
    workspace, out = start(as_json=as_json)
    with workspace:
        record = find_report(workspace, report, monitor)
        document = workspace.monitor.read_document(record) if record.document is not None else None
        _print_head(out, record)
        if document is None:
            print_report(out, record)
            out.warn("Nothing but the scores of columns is kept of this report.")
        else:
            print_whole(out, record, document)
            out.items([f"{found['severity']}: {found['message']}" for found in document["findings"]])
            if not document["findings"]:
                out.line("Nothing was worth an alert.")
        if html:
            if document is None:
                raise NotFoundError(f"The report '{record.id}' has nothing that a page could show but its scores.")
            write_page(out, html, workspace, (record, document))
        out.next(f"mw alerts list --endpoint {record.endpoint}")
        out.json({"report": record, "document": document})


def find_report(workspace: Workspace, named: str, monitor: str = "") -> MonitorReportRecord:
    """The report that people mean by an endpoint, by an id or the end of one; the newest when they name nothing.

    Args:
        workspace: Where it is.
        named: See there.
        monitor: Only of this declared monitor; of any when empty.

    Raises:
        NotFoundError: There is none.
        ConflictError: There are several whose ids end so.
    """
    reports = workspace.stores.monitors
    of_endpoint = reports.list_reports(named or None, monitor=monitor or None, limit=1)
    if of_endpoint:
        return of_endpoint[0]
    known = reports.list_reports(monitor=monitor or None, limit=_MOST) if named else []
    found = [each for each in known if each.id.endswith(named)]
    if not found:
        what = f" '{named}'" if named else ""
        by = f" of the monitor '{monitor}'" if monitor else ""
        raise NotFoundError(f"There is no report{what}{by}.", hint="List them: mw monitor reports")
    if len(found) > 1:
        raise ConflictError(
            f"{len(found)} reports end in '{named}'.", hint=f"Name one by its id, such as {found[0].id}."
        )
    return found[0]


def _print_head(out: Output, report: MonitorReportRecord) -> None:
    facts = {
        "report": report.id,
        "endpoint": report.endpoint,
        "monitor": report.monitor or "none, checked by hand",
        "from": report.window_start,
        "to": report.window_end,
        "checked": report.created_at,
    }
    out.table(["fact", "value"], [[name, value] for name, value in facts.items()])
