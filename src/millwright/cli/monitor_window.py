"""`mw monitor check` and `mw monitor report`: a window of an endpoint, written down or only looked at.

Both take the same options and print the same; they differ in what is kept.
"""

from __future__ import annotations

from inspect import Parameter, signature
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from millwright.cli.file import require_writable, write_file
from millwright.cli.monitor_alerts import found_alerts, print_alerts, print_findings
from millwright.cli.monitor_report import print_report, print_sections, read_moment
from millwright.cli.option import AsJson, start

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from millwright.cli.console import Output
    from millwright.core.records.monitor import MonitorReportRecord
    from millwright.monitoring.window import Window
    from millwright.workspace.workspace import Workspace

_Endpoint = Annotated[str, typer.Argument(help="The endpoint's name.")]
_Html = Annotated[str, typer.Option(help="Also write an HTML report here.")]
_Since = Annotated[
    str, typer.Option("--from", help="Only predictions at or after this time, such as 2026-11-30T02:00.")
]
_Until = Annotated[str, typer.Option("--to", help="Only predictions before this time.")]
_Last = Annotated[int | None, typer.Option("--last", min=1, help="Only the newest predictions, so many of them.")]
_Version = Annotated[int | None, typer.Option("--version", min=1, help="Only predictions of this model version.")]
_Fail = Annotated[bool, typer.Option("--fail", help="End with exit code 1 when something worth an alert is found.")]
_WINDOW = tuple(
    Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
    for name, default, annotation in (
        ("since", "", _Since), ("until", "", _Until), ("last", None, _Last), ("version", None, _Version),
    )
)  # fmt: skip


class Looked(NamedTuple):
    """What a look at a window came to.

    Attributes:
        report: The report, kept or not.
        document: Its full JSON.
        print_end: Prints what follows from it, below the report.
        answer: What `--json` gives.
    """

    report: MonitorReportRecord
    document: Mapping[str, Any]
    print_end: Callable[[Output], None]
    answer: Mapping[str, Any]


def register(app: typer.Typer) -> None:
    """Add the commands to the group."""
    app.command("check")(_command(check))
    app.command("report")(_command(report))


def check(workspace: Workspace, endpoint: str, window: Window) -> Looked:
    """Compare what was predicted since the served version took over with its training reference."""
    from millwright.workspace.closed_loop import check_monitors

    check_monitors(workspace, endpoint)
    record = workspace.check_endpoint(endpoint, window)
    document = workspace.monitor.read_document(record)
    alerts = found_alerts(workspace, record)
    return Looked(
        report=record,
        document=document,
        print_end=lambda out: print_alerts(out, alerts, record, document),
        answer={"report": record, "alerts": alerts, "estimated": document["estimated"], "document": document},
    )


def report(workspace: Workspace, endpoint: str, window: Window) -> Looked:
    """Show what a check of a window would find; nothing is kept, and no alert is raised."""
    from millwright.workspace.wiring import monitor_settings

    settings = monitor_settings(workspace.settings.monitor, workspace.settings.prices)
    view = workspace.monitor.view(endpoint, window=window, settings=settings)
    return Looked(
        report=view.report,
        document=view.document,
        print_end=lambda out: print_findings(out, view.findings, endpoint),
        answer=view.document,
    )


def _command(look: Callable[[Workspace, str, Window], Looked]) -> Callable[..., None]:
    """A command that looks at the window which its options choose, and prints what it came to."""

    def command(
        endpoint: _Endpoint, *, html: _Html = "", fail: _Fail = False, as_json: AsJson = False, **chosen: Any
    ) -> None:
        if html:
            require_writable(html)
        window = read_window(**chosen)
        workspace, out = start(as_json=as_json)
        with workspace:
            looked = look(workspace, endpoint, window)
            print_report(out, looked.report)
            print_sections(out, looked.document)
            for note in looked.document["notes"]:
                out.warn(note)
            if html:
                _write_page(out, html, workspace, looked)
            looked.print_end(out)
            out.json(looked.answer)
        if fail and looked.document["findings"]:
            raise typer.Exit(1)

    command.__doc__ = look.__doc__
    # Typer reads the signature: the options of a window stand there one by one.
    endpoint, *others, _ = signature(command, eval_str=True).parameters.values()
    command.__signature__ = signature(command).replace(  # type: ignore[attr-defined]
        parameters=[endpoint, *_WINDOW, *others], return_annotation=None
    )
    return command


def read_window(since: str, until: str, last: int | None, version: int | None) -> Window:
    """The window that options choose; times without a zone are local ones.

    Raises:
        InvalidInputError: A text is no time, or the window cannot hold anything.
    """
    from millwright.monitoring.window import Window

    return Window(start=read_moment(since, "--from"), end=read_moment(until, "--to"), last=last, version=version)


def _write_page(out: Output, path: str, workspace: Workspace, looked: Looked) -> None:
    """Write the report as a page, with the course of the endpoint's reports, and say where."""
    from millwright.workspace.report import document_page, past_reports

    past = past_reports(workspace, looked.report.endpoint)
    write_file(path, document_page(looked.report, looked.document, past).encode())
    out.line(f"Report: {path}")
