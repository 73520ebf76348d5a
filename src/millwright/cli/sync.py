"""`mw sync`: offline runs are brought to where runs are kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli.option import AsJson, start
from millwright.core.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.ids import RunId
    from millwright.tracking.sink import Sink
    from millwright.tracking.sync import SyncedRun
    from millwright.workspace.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("sync")(sync)


def sync(
    folder: Annotated[
        str, typer.Argument(help="A folder of offline runs, or one with a workspace; this workspace's when absent.")
    ] = "",
    *,
    to: Annotated[
        str, typer.Option("--to", help="A server's URL; its token from MILLWRIGHT_TOKEN. This workspace when absent.")
    ] = "",
    keep: Annotated[bool, typer.Option("--keep", help="Leave the offline runs where they are.")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring offline runs over. Doing it again, or going on after an interruption, changes nothing twice."""
    from millwright.tracking.sync import SyncState, offline_logs, run_of, sync_log
    from millwright.workspace.track import offline_folder

    workspace, out = start(as_json=as_json)
    with workspace:
        source = _source(Path(folder)) if folder else offline_folder(workspace.folder)
        logs = offline_logs(source)
        sink_of = _sinks(workspace, source, to=to, keep=keep)
        done: list[SyncedRun] = []
        total = sum(path.stat().st_size for path in logs)
        with out.progress.task("Syncing", total=total) as task:
            for path in logs:
                task.advance(0, note=run_of(path)[-8:])
                done.append(sync_log(path, sink_of(run_of(path)), keep=keep, advance=task.advance))
        synced = [run for run in done if run.state is SyncState.SYNCED]
        if not done:
            out.line(f"No offline runs in {source}.")
        if synced:
            where = to or workspace.folder
            out.done(f"{len(synced)} offline {'run is' if len(synced) == 1 else 'runs are'} in {where} now.")
        for run in done:
            for problem in run.problems:
                out.warn(f"{run.run_id[-8:]} {run.state.value}: {problem}")
        if synced and not to:
            out.next("mw runs search")
        out.json(done)
    if len(synced) < len(done):
        raise typer.Exit(1)


def _source(folder: Path) -> Path:
    from millwright.workspace.track import offline_folder

    if not folder.is_dir():
        raise NotFoundError(f"There is no folder '{folder}'.", hint="Name the folder that holds the offline runs.")
    inner = offline_folder(folder)
    return inner if inner.is_dir() else folder


def _sinks(workspace: Workspace, source: Path, *, to: str, keep: bool) -> Callable[[RunId], Sink]:
    from millwright.tracking.blob import LocalBlobs
    from millwright.tracking.store_sink import StoreSink
    from millwright.tracking.sync import FILES_FOLDER

    blobs = LocalBlobs(source / FILES_FOLDER)
    if to:
        import os

        from millwright.tracking.wire_sink import WireClient, WireSink

        client = WireClient(to, token=os.environ.get("MILLWRIGHT_TOKEN", ""))
        return lambda run_id: WireSink(run_id, client=client, blobs=blobs)
    stores, tracker = workspace.stores, workspace.tracker
    return lambda run_id: StoreSink(run_id, stores=stores, tracker=tracker, blobs=blobs, keep_blobs=keep)
