"""`mw import` and `mw export`: experiments, runs and models from MLflow, and back."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any

import typer

from millwright.cli.option import AsJson, start
from millwright.cli.target_group import TargetGroup

if TYPE_CHECKING:
    from millwright.cli.console import Output
    from millwright.registry.exchange.place import Source, Target
    from millwright.registry.exchange.report import TransferReport
    from millwright.workspace.workspace import Workspace

import_app = typer.Typer(no_args_is_help=True, help="Bring records over from elsewhere.")
export_app = typer.Typer(cls=TargetGroup, no_args_is_help=True, help="Take records and models elsewhere.")

_NoArtifacts = Annotated[bool, typer.Option("--no-artifacts", help="Leave files out.")]


@import_app.command("mlflow")
def import_mlflow(
    *,
    source: Annotated[str, typer.Argument(help="A server's URL (http://…), or an MLflow SQLite file.")],
    artifacts: Annotated[
        str,
        typer.Option(help="With a file: the folder of its artifacts (mlartifacts, mlruns); no other file is read."),
    ] = "",
    no_artifacts: _NoArtifacts = False,
    as_json: AsJson = False,
) -> None:
    """Bring experiments, runs, artifacts and registered models over from MLflow; stopped halfway, run it again."""
    workspace, out = start(as_json=as_json)
    with workspace, closing(_place(source, artifacts)) as place:
        _carry(place, _here(workspace), out, with_artifacts=not no_artifacts)


@export_app.command("mlflow")
def export_mlflow(
    *,
    url: Annotated[str, typer.Argument(help="The URL of a server that speaks MLflow's REST.")],
    no_artifacts: _NoArtifacts = False,
    as_json: AsJson = False,
) -> None:
    """Take experiments, runs, artifacts and registered models to an MLflow server; stopped halfway, run it again."""
    from millwright.registry.exchange.rest_place import RestPlace

    workspace, out = start(as_json=as_json)
    with workspace, closing(RestPlace(url)) as place:
        _carry(_here(workspace), place, out, with_artifacts=not no_artifacts)


def _carry(source: Source, target: Target, out: Output, *, with_artifacts: bool) -> None:
    from millwright.registry.exchange.transfer import Transfer

    report = Transfer(source, target, out.progress, with_artifacts=with_artifacts).run()
    _show(report, out)
    out.json(report.as_dict())
    if not report.ok:
        raise typer.Exit(1)


def _show(report: TransferReport, out: Output) -> None:
    rows = [[what, seen, report.carried.get(what)] for what, seen in report.seen.items()]
    out.table(["", "there", "carried now"], rows)
    if report.ok:
        out.done(
            f"{report.verified:,} of {report.seen['runs']:,} runs are equal at {report.target}, byte by byte; "
            f"{report.present:,} were there before"
        )
    else:
        out.line(("✗ ", "red"), f"Not everything is equal at {report.target}:")
        out.items(report.differences[:20])
    for text in report.left_out[:20]:
        out.warn(text)
    if len(report.left_out) > 20:
        out.warn(f"… and {len(report.left_out) - 20} more; --json has them all")


def _place(source: str, artifacts: str) -> Any:
    from pathlib import Path

    from millwright.core.errors import InvalidInputError
    from millwright.registry.exchange.rest_place import RestPlace
    from millwright.registry.exchange.sqlite_place import SqlitePlace

    if source.startswith(("http://", "https://")):
        if artifacts:
            raise InvalidInputError("Expected --artifacts with a file only.", hint="A server hands out its artifacts.")
        return RestPlace(source)
    path = Path(source.removeprefix("sqlite:///"))
    return SqlitePlace(path, Path(artifacts) if artifacts else None)


def _here(workspace: Workspace) -> Any:
    from millwright.registry.exchange.store_place import StorePlace

    return StorePlace(
        stores=workspace.stores,
        clock=workspace.clock,
        events=workspace.events,
        actor=workspace.actor,
        name=str(workspace.folder),
    )
