"""`mw server`: the control plane's pages and API."""

from __future__ import annotations

from typing import Annotated

import typer

from millwright.cli.option import AsJson, start


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("server")(server)


def server(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on; only those of this machine itself.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8000,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="A name that requests may carry as Host, such as a proxy's; may be repeated."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show every record as pages and as JSON, read only, until stopped."""
    from millwright.evaluation.wording import counted
    from millwright.server.run import ServerOptions, serve

    options = ServerOptions(host=host, port=port, allowed_hosts=tuple(allow_host or ()))
    workspace, out = start(as_json=as_json)
    with workspace:
        models = workspace.stores.models.list_models()
        runs = workspace.stores.pipelines.list_pipeline_runs(limit=1000)

        def ready(url: str) -> None:
            out.done(f"Millwright's pages are at {url}  (Ctrl-C stops)")
            done = "1,000 or more pipeline runs" if len(runs) == 1000 else counted(len(runs), "pipeline run")
            out.line(f"  {workspace.folder}: {counted(len(models), 'model')}, {done}; nothing can be changed here")
            out.line(f"  API {url}/api/v1 · described at {url}/openapi.json · GET /health")
            api = {"api": f"{url}/api/v1", "openapi": f"{url}/openapi.json"}
            out.json({"url": url, **api, "workspace": str(workspace.folder), "models": [m.name for m in models]})

        serve(options, stores=workspace.stores, registry=workspace.registry, monitor=workspace.monitor, ready=ready)
