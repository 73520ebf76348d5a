"""`mw monitor check` and `mw monitor report`: a window of an endpoint, written down or only looked at.

Both take the same options and print the same; they differ in what is kept.
"""

from __future__ import annotations

from functools import partial
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from millwright.cli.file import require_writable
from millwright.cli.monitor_alerts import found_alerts, print_alerts, print_findings
from millwright.cli.monitor_option import ByMonitor
from millwright.cli.monitor_report import print_whole, read_moment, write_page
from millwright.cli.option import AsJson, start
from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from millwright.automation.monitors import Declaration
    from millwright.cli.console import Output
    from millwright.core.records.monitor import MonitorReportRecord
    from millwright.monitoring.window import Window
    from millwright.workspace.workspace import Workspace

_Endpoint = Annotated[str, typer.Argument(help="The endpoint's name; that of the monitor when left out.")]
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


class Asked(NamedTuple):
    """What is to be looked at.

    Attributes:
        endpoint: The endpoint's name.
        window: As options choose it.
        declared: The declared monitor that says how; None for none.
    """

    endpoint: str
    window: Window
    declared: Declaration | None

    @property
    def has_window(self) -> bool:
        """Whether an option chose it."""
        from millwright.monitoring.window import Window

        return self.window != Window()


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


def check(workspace: Workspace, asked: Asked) -> Looked:
    """Compare what was predicted since the served version took over with its training reference.

    With --monitor it is the check that a worker makes of a declared monitor, now: its report and alerts are that
    monitor's.
    """
    from millwright.automation.monitors import MonitorRound
    from millwright.workspace.closed_loop import References, check_monitors

    check_monitors(workspace, asked.endpoint)
    if asked.declared is None:
        record = workspace.check_endpoint(asked.endpoint, asked.window)
    elif asked.has_window:
        raise InvalidInputError(
            f"The window of a check of the monitor '{asked.declared.name}' is as declared, found another.",
            hint="Leave out the options of the window, or look at it: mw monitor report.",
        )
    else:
        monitors = MonitorRound(
            stores=workspace.stores,
            clock=workspace.clock,
            checker=workspace.monitor,
            reference_of=References(workspace).of,
        )
        record = monitors.check(asked.declared)
    document = workspace.monitor.read_document(record)
    alerts = found_alerts(workspace, record)
    return Looked(
        report=record,
        document=document,
        print_end=lambda out: print_alerts(out, alerts, record, document),
        answer={"report": record, "alerts": alerts, "estimated": document["estimated"], "document": document},
    )


def report(workspace: Workspace, asked: Asked) -> Looked:
    """Show what a check of a window would find; nothing is kept, and no alert is raised.

    With --monitor it is judged as a declared monitor says, in its window or in another that options choose.
    """
    from millwright.workspace.closed_loop import References
    from millwright.workspace.wiring import monitor_settings

    declared = asked.declared
    if declared is None:
        settings = monitor_settings(workspace.settings.monitor, workspace.settings.prices)
        view = workspace.monitor.view(asked.endpoint, window=asked.window, settings=settings)
    else:
        view = workspace.monitor.view(
            asked.endpoint,
            window=asked.window if asked.has_window else declared.window_at(workspace.clock.now()),
            settings=declared.settings,
            reference=partial(References(workspace).of_version, declared),
            declared=declared.asking,
        )
    check_again = f"mw monitor check {f'--monitor {declared.name}' if declared else asked.endpoint}"
    return Looked(
        report=view.report,
        document=view.document,
        print_end=lambda out: print_findings(out, view.findings, check_again),
        answer=view.document,
    )


def _command(look: Callable[[Workspace, Asked], Looked]) -> Callable[..., None]:
    """A command that looks at the window which its options choose, and prints what it came to."""

    def command(
        endpoint: _Endpoint = "",
        *,
        monitor: ByMonitor = "",
        html: _Html = "",
        fail: _Fail = False,
        as_json: AsJson = False,
        **chosen: Any,
    ) -> None:
        if html:
            require_writable(html)
        window = read_window(**chosen)
        workspace, out = start(as_json=as_json)
        with workspace:
            looked = look(workspace, _asked(workspace, endpoint, monitor, window))
            print_whole(out, looked.report, looked.document)
            if html:
                write_page(out, html, workspace, (looked.report, looked.document))
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


def _asked(workspace: Workspace, endpoint: str, monitor: str, window: Window) -> Asked:
    """What is to be looked at.

    Raises:
        InvalidInputError: Neither an endpoint nor a monitor is named, or the monitor watches another endpoint.
        NotFoundError: There is no such monitor.
    """
    from millwright.workspace.closed_loop import named_monitor

    if monitor:
        declared = named_monitor(workspace.settings, monitor, endpoint)
        return Asked(endpoint=declared.endpoint, window=window, declared=declared)
    if not endpoint:
        raise InvalidInputError("Expected an endpoint or --monitor, found neither.", hint="List them: mw monitor list")
    return Asked(endpoint=endpoint, window=window, declared=None)


def read_window(since: str, until: str, last: int | None, version: int | None) -> Window:
    """The window that options choose; times without a zone are local ones.

    Raises:
        InvalidInputError: A text is no time, or the window cannot hold anything.
    """
    from millwright.monitoring.window import Window

    return Window(start=read_moment(since, "--from"), end=read_moment(until, "--to"), last=last, version=version)
