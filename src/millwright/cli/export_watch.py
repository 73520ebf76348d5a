"""`mw export prometheus` and `mw export grafana`: what other systems need to watch Millwright."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from millwright.cli.option import AsJson

if TYPE_CHECKING:
    from millwright.exports.monitoring.grafana import GrafanaTarget
    from millwright.exports.monitoring.prometheus import PrometheusTarget
    from millwright.exports.monitoring.watch import WatchPlan

_To: TypeAlias = Annotated[Path, typer.Option("--to", help="The folder to write; a new or an empty one.")]
_Force: TypeAlias = Annotated[bool, typer.Option("--force", help="Replace what the folder holds.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("prometheus")(prometheus)
    app.command("grafana")(grafana)


def prometheus(
    *,
    to: _To,
    server: Annotated[
        list[str] | None, typer.Option("--server", help="HOST:PORT of mw server; any number. Else localhost:8000.")
    ] = None,
    endpoint: Annotated[
        list[str] | None, typer.Option("--endpoint", help="HOST:PORT of mw serve; any number. Else localhost:8080.")
    ] = None,
    hold: Annotated[str, typer.Option(help="How long something holds before it is an alert.")] = "5m",
    p99: Annotated[float, typer.Option("--p99", help="Limit of the slowest request of a hundred, in seconds.")] = 0.5,
    error_share: Annotated[float, typer.Option(help="Limit of the share of failing requests, 0 to 1.")] = 0.01,
    force: _Force = False,
    as_json: AsJson = False,
) -> None:
    """Write Prometheus' configuration, alert rules, and tests of the rules for promtool."""
    from millwright.exports.monitoring.prometheus import PrometheusTarget
    from millwright.exports.monitoring.watch import WatchPlan

    usual = WatchPlan()
    plan = WatchPlan(
        servers=tuple(server or usual.servers),
        endpoints=tuple(endpoint or usual.endpoints),
        hold=hold,
        p99_s=p99,
        error_share=error_share,
    )
    _export(PrometheusTarget(), plan, to, force=force, as_json=as_json)


def grafana(*, to: _To, force: _Force = False, as_json: AsJson = False) -> None:
    """Write a dashboard for Grafana: drift, performance, alerts and traffic of all endpoints."""
    from millwright.exports.monitoring.grafana import GrafanaTarget
    from millwright.exports.monitoring.watch import WatchPlan

    _export(GrafanaTarget(), WatchPlan(), to, force=force, as_json=as_json)


def _export(target: PrometheusTarget | GrafanaTarget, plan: WatchPlan, to: Path, *, force: bool, as_json: bool) -> None:
    from millwright.cli.console import Output
    from millwright.exports.folder import write_files

    out = Output(as_json=as_json)
    files = target.files(plan)
    write_files(files, to, force=force, progress=out.progress)
    commands = target.commands(to)
    out.done(f"Written to {to} for {target.name}: {', '.join(files)}.")
    for index, command in enumerate(commands):
        out.line(("Next: " if index == 0 else "      ", "dim"), (command, "cyan"))
    out.json({"target": target.name, "written": str(to), "files": sorted(files), "next": commands})
