"""`mw server`: the control plane's pages, API and MLflow's wire."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli.option import AsJson

if TYPE_CHECKING:
    from millwright.cli.console import Output
    from millwright.server.options import ServerOptions
    from millwright.workspace.workspace import Workspace

_ASKS = {"auto": None, "on": True, "off": False}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("server")(server)


def server(
    *,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; others than 127.0.0.1 need a user who is admin.")
    ] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Processes; by default 1 on SQLite, up to 4 on PostgreSQL.")
    ] = None,
    artifacts: Annotated[
        str, typer.Option(help="Folder or URL of artifacts, such as s3://bucket/path; by default in the workspace.")
    ] = "",
    auth: Annotated[
        str, typer.Option(help="on: callers must say who they are; off: they need not; auto: unless on loopback.")
    ] = "",
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="A name that requests may carry as Host, such as a proxy's; may be repeated."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Serve tracking, registry and artifacts to MLflow's clients, and every record as pages and JSON, until stopped."""
    from millwright.cli.console import Output
    from millwright.server.options import options_of
    from millwright.server.run import serve
    from millwright.server.service import services_of
    from millwright.server.traffic.log_format import log_as_json
    from millwright.workspace.workspace import Workspace

    if auth and auth not in _ASKS:
        raise typer.BadParameter(f"Expected --auth auto, on or off, found '{auth}'.")
    out = Output(as_json=as_json)
    overrides = {"artifacts": artifacts} if artifacts else None
    with Workspace.open(overrides=overrides, progress=out.progress) as workspace:
        found = options_of(workspace.settings.server, on_sqlite=not workspace.settings.store.startswith("postgres"))
        options = replace(
            found,
            host=found.host if host is None else host,
            port=found.port if port is None else port,
            workers=workers or found.workers,
            auth=_ASKS[auth] if auth else found.auth,
            allowed_hosts=(*found.allowed_hosts, *(allow_host or ())),
        )
        log_as_json()
        serve(options, services_of(workspace), ready=lambda url: _tell(out, workspace, options, url))


def _tell(out: Output, workspace: Workspace, options: ServerOptions, url: str) -> None:
    out.done(f"Millwright is at {url}  (Ctrl-C stops)")
    out.line(f"  {workspace.folder}")
    out.line(f"  MLflow clients: MLFLOW_TRACKING_URI={url}")
    out.line(f"  pages {url}/ · API {url}/api/v1 · {url}/openapi.json · GET /health · GET /metrics")
    if options.asks_who:
        out.line("  callers must say who they are: mw users add NAME, mw tokens create NAME")
    api = {"api": f"{url}/api/v1", "openapi": f"{url}/openapi.json", "mlflow_tracking_uri": url}
    more = {"workers": options.workers, "authentication": options.asks_who}
    out.json({"url": url, **api, "workspace": str(workspace.folder), **more})
