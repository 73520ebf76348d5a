"""The commands `mw` and `millwright`."""

from __future__ import annotations

import io
import os
import sys
from contextvars import copy_context
from typing import Annotated, Any

import typer

from millwright.cli import (
    alert_channels,
    alert_silences,
    alerts,
    audit,
    backup,
    data,
    dataset_write,
    demo,
    deploy,
    doctor,
    erase,
    exchange,
    export,
    export_watch,
    features,
    files,
    fit,
    gc,
    given,
    graph,
    init,
    learning,
    models,
    monitor,
    monitor_compare,
    monitor_live,
    monitor_show,
    monitor_window,
    monitors,
    online,
    predict,
    predictions,
    profile,
    queue,
    rollout,
    run,
    runs,
    schedules,
    serve,
    server,
    sync,
    tokens,
    transform,
    triggers,
    up,
    users,
    versions,
    webhooks,
    why,
    worker,
)
from millwright.cli.log import show_log
from millwright.cli.tree import command_tree
from millwright.core.errors import MillwrightError
from millwright.version import __version__

# Every mistake in the call itself: the base of the argument errors that Typer shows to programs.
_WrongCall: type[Exception] = typer.BadParameter.__mro__[1]

_INTERRUPTED = 130  # what Typer gives after Ctrl-C

app = typer.Typer(
    name="mw",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Millwright: from raw data to a monitored, governed model that retrains itself.",
    epilog="Start with [cyan]mw demo[/cyan], or with your own table: [cyan]mw fit data.csv --target column[/cyan]. "
    "Any command takes [cyan]--debug[/cyan] for the traceback of an error.",
)


def _show_version(value: bool) -> None:  # noqa: FBT001 (Typer calls it with the flag's value)
    if value:
        typer.echo(f"millwright {__version__}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    *,
    workspace: Annotated[
        str,
        typer.Option(
            "--workspace",
            "-w",
            envvar="MILLWRIGHT_HOME",
            help="The workspace's folder, or its .millwright; by default found from here upwards.",
        ),
    ] = "",
    profile: Annotated[
        str,
        typer.Option(envvar="MILLWRIGHT_PROFILE", help="Which profile of millwright.toml (its table 'profile.NAME')."),
    ] = "",
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Set what every command shares."""
    del version
    given.remember(context)
    if workspace:
        from millwright.workspace.location import name_workspace  # not for `mw --help`: it reads settings

        name_workspace(workspace)
    if profile:
        os.environ["MILLWRIGHT_PROFILE"] = profile


for _module in (demo, fit, init, run, graph, sync, up, serve, server, worker, deploy, predict, predictions, why):
    _module.register(app)
for _module in (doctor, gc, backup):
    _module.register(app)
app.add_typer(runs.app, name="runs")
queue.register(runs.app)
app.add_typer(queue.app, name="queue")
app.add_typer(schedules.app, name="schedules")
app.add_typer(triggers.app, name="triggers")
app.add_typer(data.app, name="data")
profile.register(data.app)
dataset_write.register(data.app)
versions.register(data.app)
erase.register(data.app)
files.register(data.app)
transform.register(data.app)
online.register(features.app)
app.add_typer(features.app, name="features")
app.add_typer(models.app, name="models")
app.add_typer(rollout.app, name="rollout")
monitor_window.register(monitor.app)
monitor_compare.register(monitor.app)
monitor_live.register(monitor.app)
monitor_show.register(monitor.app)
monitors.register(monitor.app)
app.add_typer(monitor.app, name="monitor")
app.add_typer(monitor.labels_app, name="labels")
alert_silences.register(alerts.app)
alert_channels.register(alerts.app)
app.add_typer(alerts.app, name="alerts")
app.add_typer(learning.app, name="learning")
app.add_typer(audit.app, name="audit")
app.add_typer(users.app, name="users")
app.add_typer(tokens.app, name="tokens")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(exchange.import_app, name="import")
export.register(exchange.export_app)
export_watch.register(exchange.export_app)
app.add_typer(exchange.export_app, name="export")


def main(arguments: list[str] | None = None) -> None:
    """Run a command; errors that a user can cause become one line and exit code 1 (2 for a wrong call).

    What nobody foresaw is one line, too, unless `--debug` asks for the traceback.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words or bool(os.environ.get("MILLWRIGHT_DEBUG"))
    words = [word for word in words if word != "--debug"]
    as_json = "--json" in words
    _take_any_text(as_json=as_json)
    show_log(debug=debug)
    try:
        # In a context of its own: what this call says about the workspace holds for no other in this process.
        code = copy_context().run(command_tree(app), args=words, prog_name="mw", standalone_mode=False)
    except BrokenPipeError:
        # The reader (head, less) has gone; Python would complain once more while closing standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except _WrongCall as error:
        _refuse_call(error, as_json=as_json)
        raise SystemExit(2) from None
    except Exception as error:
        if debug:
            raise
        from millwright.cli.console import print_error

        print_error(_shape(error), as_json=as_json)
        raise SystemExit(1) from None
    if code == _INTERRUPTED:
        typer.echo("Interrupted. What was finished is kept; the same command goes on from there.", err=True)
    if code:
        raise SystemExit(code)


def _take_any_text(*, as_json: bool) -> None:
    """Text that the terminal's or file's encoding lacks becomes a question mark, not an error; JSON is UTF-8 anyway."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            if as_json:
                stream.reconfigure(encoding="utf-8")
            else:
                stream.reconfigure(errors="replace")


def _refuse_call(error: Exception, *, as_json: bool) -> None:
    """An unknown command or option, or a missing or malformed argument."""
    from millwright.cli.console import print_error

    if type(error).__name__ == "NoArgsIsHelpError":  # the help was printed when it was raised
        return
    context = getattr(error, "ctx", None)
    message = str(error.format_message()) if hasattr(error, "format_message") else str(error)
    message += "" if message.endswith((".", "?")) else "."
    hint = f"See: {context.command_path if context else 'mw'} --help"
    print_error({"code": "usage", "message": message, "hint": hint, "details": {}}, as_json=as_json)


def _shape(error: Exception) -> dict[str, Any]:
    if isinstance(error, MillwrightError):
        shape: dict[str, Any] = error.as_dict()["error"]
        return shape
    said = " ".join(str(error).split())
    message = f"Unexpected {type(error).__name__}{f': {said}' if said else ''}."
    return {"code": "internal", "message": message, "hint": "Run it again with --debug to see where.", "details": {}}
