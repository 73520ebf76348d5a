"""The commands `mw` and `millwright`."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from millwright.cli import audit, data, demo, deploy, doctor, fit, init, models, monitor, predict, run, runs, serve, why
from millwright.core.errors import MillwrightError
from millwright.version import __version__

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
    *,
    workspace: Annotated[
        str,
        typer.Option(
            "--workspace",
            "-w",
            envvar="MILLWRIGHT_HOME",
            help="The workspace's folder; by default found from here upwards.",
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
    if workspace:
        os.environ["MILLWRIGHT_HOME"] = workspace
    if profile:
        os.environ["MILLWRIGHT_PROFILE"] = profile


for _module in (demo, fit, init, run, serve, deploy, predict, why, doctor):
    _module.register(app)
app.add_typer(runs.app, name="runs")
app.add_typer(data.app, name="data")
app.add_typer(models.app, name="models")
app.add_typer(monitor.app, name="monitor")
app.add_typer(monitor.labels_app, name="labels")
app.add_typer(monitor.alerts_app, name="alerts")
app.add_typer(audit.app, name="audit")


def main(arguments: list[str] | None = None) -> None:
    """Run a command; errors that a user can cause become one line and exit code 1 (2 for a wrong call)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words or bool(os.environ.get("MILLWRIGHT_DEBUG"))
    words = [word for word in words if word != "--debug"]
    try:
        app(args=words, standalone_mode=True)
    except MillwrightError as error:
        if debug:
            raise
        from millwright.cli.console import print_error

        print_error(error.as_dict()["error"], as_json="--json" in words)
        raise SystemExit(1) from None
    except BrokenPipeError:
        # The reader (head, less) has gone; Python would complain once more while closing standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
