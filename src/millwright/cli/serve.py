"""`mw serve`: answer predictions over HTTP."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from millwright.cli.option import AsJson, start


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("serve")(serve)


def serve(
    model: Annotated[str, typer.Argument(help="name@alias, name@version, or name (its champion).")],
    *,
    host: Annotated[str, typer.Option(help="Address to listen on; by default from the settings.")] = "",
    port: Annotated[
        int, typer.Option(min=-1, max=65535, help="Port; 0 takes a free one; by default from the settings.")
    ] = -1,
    endpoint: Annotated[str, typer.Option(help="The endpoint's name; by default the model's.")] = "",
    as_json: AsJson = False,
) -> None:
    """Serve a model until stopped; a moved alias is followed without a failed request.

    Port and paths that Vertex AI or SageMaker set by the environment (AIP_HTTP_PORT, AIP_PREDICT_ROUTE,
    AIP_HEALTH_ROUTE, SAGEMAKER_BIND_TO_PORT) come before the settings; an option comes before both.
    """
    from millwright.deployment.realtime.hosting_platform import read_platform
    from millwright.deployment.realtime.server import ServeOptions
    from millwright.deployment.realtime.server import serve as run_server

    workspace, out = start(as_json=as_json)
    with workspace:
        version = workspace.registry.resolve(model)
        settings, platform = workspace.settings.serve, read_platform(os.environ)
        options = ServeOptions(
            endpoint=endpoint or version.name,
            selector=model,
            host=host or platform.host or settings.host,
            port=port if port >= 0 else settings.port if platform.port is None else platform.port,
            max_body_bytes=int(settings.max_body_mb * 2**20),
            max_rows=settings.max_rows,
            poll_seconds=settings.poll_seconds,
            durable_log=settings.durable_log,
            routes=platform.routes,
        )

        def ready(url: str) -> None:
            out.done(f"Serving {version.ref} at {url}  (Ctrl-C stops)")
            paths = f"/predict · /invocations · /v2/models/{options.endpoint}/infer · GET /metrics"
            out.line(f"  POST {url}{paths}")
            out.json({"url": url, "model": version.name, "version": version.version})

        run_server(options, stores=workspace.stores, registry=workspace.registry, clock=workspace.clock, ready=ready)
