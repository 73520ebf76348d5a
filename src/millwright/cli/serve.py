"""`mw serve`: answer predictions over HTTP."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from millwright.cli.bundle import serving_place
from millwright.cli.option import AsJson
from millwright.cli.serving_workers import MOST_WORKERS, read_workers
from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.model import ModelVersionRecord
    from millwright.deployment.realtime.serve_options import ServedChoice


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("serve")(serve)


def serve(
    models: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="MODEL...",
            help="name@alias, name@version, or name (its champion, else the newest); endpoint=name@alias gives "
            "the endpoint a name. Or folders with exported models, by default this one; see mw export docker.",
        ),
    ] = None,
    *,
    host: Annotated[str, typer.Option(help="Address to listen on; by default from the settings.")] = "",
    port: Annotated[
        int, typer.Option(min=-1, max=65535, help="Port; 0 takes a free one; by default from the settings.")
    ] = -1,
    endpoint: Annotated[str, typer.Option(help="The endpoint's name, of one model; by default the model's.")] = "",
    access_log: Annotated[
        str, typer.Option(metavar="PATH", help="A line of JSON per request into a file, or - for standard error.")
    ] = "",
    grpc: Annotated[
        bool | None,
        typer.Option(
            "--grpc/--no-grpc",
            help="Answer gRPC on the same port; by default where grpcio is installed.",
            show_default=False,
        ),
    ] = None,
    workers: Annotated[
        str,
        typer.Option(
            metavar="N|auto",
            help="Processes that answer on the port, by default 1; 0 means one per core; auto as many as are needed.",
        ),
    ] = "",
    min_workers: Annotated[
        int,
        typer.Option(
            min=-1,
            max=MOST_WORKERS,
            help="Fewest, with auto; with 0 all end when nobody asks. By default from the settings.",
            show_default=False,
        ),
    ] = -1,
    max_workers: Annotated[
        int,
        typer.Option(
            min=0, max=MOST_WORKERS, help="Most, with auto; by default from the settings.", show_default=False
        ),
    ] = 0,
    target_in_flight: Annotated[
        float,
        typer.Option(
            min=0,
            help="Requests at once for which one process is meant; by default from the settings.",
            show_default=False,
        ),
    ] = 0.0,
    as_json: AsJson = False,
) -> None:
    """Serve models until stopped; a moved alias is followed without a failed request.

    Port and paths that Vertex AI or SageMaker set by the environment (AIP_HTTP_PORT, AIP_PREDICT_ROUTE,
    AIP_HEALTH_ROUTE, SAGEMAKER_BIND_TO_PORT) come before the settings; an option comes before both.
    """
    from millwright.deployment.realtime.hosting_platform import read_platform
    from millwright.deployment.realtime.server import ServeOptions
    from millwright.deployment.realtime.server import serve as run_server

    with serving_place(models or (), as_json=as_json) as place:
        workspace, out = place.workspace, place.out
        choices = _choices(place.models, endpoint)
        versions = [workspace.registry.resolve(choice.selector) for choice in choices]
        settings, platform = workspace.settings.serve, read_platform(os.environ)
        count, scaling = read_workers(workers, min_workers, max_workers, target_in_flight, settings)
        options = ServeOptions(
            models=tuple(map(_named, choices, versions)),
            host=host or platform.host or settings.host,
            port=port if port >= 0 else settings.port if platform.port is None else platform.port,
            max_body_bytes=int(settings.max_body_mb * 2**20),
            max_rows=settings.max_rows,
            max_requests=settings.max_requests,
            request_seconds=settings.request_seconds,
            poll_seconds=settings.poll_seconds,
            durable_log=settings.durable_log,
            warm_explanations=settings.warm_explanations,
            allow_code=workspace.settings.models.allow_code,
            home=str(workspace.folder),
            log_predictions=place.log_predictions,
            routes=platform.routes,
            grpc=grpc,
            access_log=access_log,
            workers=count,
            scaling=scaling,
            swap_seconds=settings.swap_seconds,
        )

        def ready(url: str) -> None:
            out.done(f"Serving {', '.join(version.ref for version in versions)} at {url}  (Ctrl-C stops)")
            infer = " · ".join(f"/v2/models/{choice.endpoint}/infer" for choice in options.models)
            out.line(f"  POST {url}/predict · /invocations · {infer} · GET /metrics")
            served = _served(options.models, versions)
            out.json({"url": url, "model": versions[0].name, "version": versions[0].version, "models": served})

        run_server(
            options,
            stores=workspace.stores,
            registry=workspace.registry,
            clock=workspace.clock,
            ready=ready,
            features=(lambda: workspace.online) if settings.feature_lookup and place.looks_up else None,
        )


def _served(choices: Sequence[ServedChoice], versions: Sequence[ModelVersionRecord]) -> list[dict[str, Any]]:
    return [
        {"endpoint": choice.endpoint, "model": version.name, "version": version.version}
        for choice, version in zip(choices, versions, strict=True)
    ]


def _named(choice: ServedChoice, version: ModelVersionRecord) -> ServedChoice:
    return replace(choice, endpoint=choice.endpoint or version.name)


def _choices(models: Sequence[str], endpoint: str) -> tuple[ServedChoice, ...]:
    from millwright.deployment.realtime.serve_options import ServedChoice

    choices = tuple(ServedChoice.parse(model) for model in models)
    if not endpoint:
        return choices
    if len(choices) > 1:
        raise InvalidInputError(
            f"Expected --endpoint with one model, found {len(choices)} models.",
            hint="Write endpoint=name@alias for each of them.",
        )
    return (ServedChoice(choices[0].selector, endpoint),)
