"""`mw deploy` and `mw endpoints`: which endpoints exist, and what they follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli.option import AsJson, start

if TYPE_CHECKING:
    from millwright.core.records.prediction import EndpointRecord


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("deploy")(deploy)
    app.command("endpoints")(endpoints)


def deploy(
    model: Annotated[str, typer.Argument(help="name@version or name.")],
    *,
    alias: Annotated[str, typer.Option(help="The alias that endpoints follow.")] = "champion",
    reason: Annotated[str, typer.Option(help="Why; it is written into the audit log.")] = "deployed by hand",
    as_json: AsJson = False,
) -> None:
    """Put a version behind an alias; running servers that follow it swap within a second."""
    workspace, out = start(as_json=as_json)
    with workspace:
        version = workspace.registry.resolve(model)
        record = workspace.registry.promote(version.name, version.version, alias, reason=reason)
        out.done(f"{record.name}@{record.alias} is version {record.version}.")
        running = [e for e in workspace.stores.endpoints.list() if e.model == record.name and _is_running(e)]
        for found in running:
            out.line(f"  {found.name} at {found.url} follows {found.selector}.")
        served = [f"mw monitor check {found.name}" for found in running]
        out.next(*(served or [f"mw serve {record.name}@{record.alias}"]))
        out.json({"alias": record, "endpoints": running})


def endpoints(*, as_json: AsJson = False) -> None:
    """List endpoints and what answers there."""
    workspace, out = start(as_json=as_json)
    with workspace:
        records = workspace.stores.endpoints.list()
        rows = [
            [e.name, f"{e.model}@{e.selector}", e.serving_version if _is_running(e) else None, _place(e), e.updated_at]
            for e in records
        ]
        if records:
            out.table(["endpoint", "follows", "serving", "url", "updated"], rows)
            out.next(f"mw monitor check {records[0].name}")
        else:
            out.line("Nothing has been served from this workspace.")
            out.next("mw models list", "mw serve NAME@champion")
        out.json(records)


def _is_running(endpoint: EndpointRecord) -> bool:
    """Whether a server answers there, as far as this machine can tell."""
    from millwright.core.process import is_dead

    return bool(endpoint.url) and not is_dead(endpoint.owner)


def _place(endpoint: EndpointRecord) -> str:
    if _is_running(endpoint):
        return endpoint.url
    return "not running (its process was killed)" if endpoint.url else "not running"
