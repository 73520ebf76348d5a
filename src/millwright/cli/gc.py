"""`mw gc`: removes for good what was deleted, has ended or left the queue long ago, and blobs that no record names."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli.option import AsJson, start

if TYPE_CHECKING:
    from millwright.cli.console import Output
    from millwright.workspace.maintenance.collection import Garbage
    from millwright.workspace.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("gc")(gc)


def gc(
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Remove it; without this, it is only shown.")] = False,
    older_than_days: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="How long ago it must have been deleted, or have ended; by default the settings gc.retention_days, "
            "and for evidence about rollouts gc.evidence_days.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show (or remove) what was deleted long ago, what has left the queue of runs, and blobs that no record names.

    So it does with what servers have counted of rollouts that ended long ago, with what was told of alerts and sent to
    webhooks, and with old summaries of the prediction log (gc.hour_summaries_days, gc.day_summaries_days); rollouts,
    decisions, alerts and the log itself stay.
    """
    from millwright.workspace.maintenance.collection import Retention, collect, find_garbage

    workspace, out = start(as_json=as_json)
    with workspace:
        settings = workspace.settings.gc
        days = settings.retention_days if older_than_days is None else older_than_days
        retention = Retention(
            deleted=timedelta(days=days),
            evidence=timedelta(days=settings.evidence_days if older_than_days is None else older_than_days),
            grace=timedelta(hours=settings.grace_hours),
            hour_summaries=timedelta(days=settings.hour_summaries_days),
            day_summaries=timedelta(days=settings.day_summaries_days),
        )
        if yes:
            _release_files(workspace, retention.grace)
            garbage = collect(workspace.stores, retention, clock=workspace.clock, actor=workspace.actor)
        else:
            garbage = find_garbage(workspace.stores, retention, now=workspace.clock.now())
        _show(out, garbage, removed=yes, days=days, asked=older_than_days)
        left = _show_temporary(out, ("", workspace.settings.engine.scratch), remove=yes)
        out.line("Old versions of datasets are removed by: mw data vacuum")
        out.json({"removed": yes, **asdict(garbage), "temporary_folders": left})


def _release_files(workspace: Workspace, grace: timedelta) -> None:
    """Let go of the files of expired versions, so that their blobs are collected."""
    from millwright.core.records.dataset import DatasetKind
    from millwright.data.files import release_files

    before = workspace.clock.now() - grace
    for record in workspace.stores.datasets.list_datasets():
        if record.kind is DatasetKind.FILES:
            release_files(record.dataset, catalog=workspace.datasets, stores=workspace.stores, before=before)


def _show_temporary(out: Output, places: tuple[str, ...], *, remove: bool) -> int:
    """Temporary folders that killed processes have left on this machine, whatever their workspace."""
    from millwright.core.temporary_folder import abandoned_folders, remove_abandoned_folders

    left = remove_abandoned_folders(places) if remove else len(abandoned_folders(places))
    if left:
        out.line(f"Temporary folders of killed processes: {left:,} {'removed' if remove else 'can be removed'}.")
    return left


def _show(out: Output, garbage: Garbage, *, removed: bool, days: float, asked: float | None) -> None:
    if garbage.is_nothing:
        out.line(f"There is nothing to remove: nothing was deleted or has ended more than {days:g} days ago.")
        return
    counts = (
        (len(garbage.experiments), "experiments"),
        (len(garbage.runs), "runs"),
        (len(garbage.logged_models), "logged models"),
        (garbage.queue_entries, "ended entries of the queue"),
        (garbage.evidence, "counts of ended rollouts"),
        (garbage.notifications, "notifications of alerts"),
        (garbage.events, "events for webhooks"),
        (garbage.summaries, "summaries of the prediction log"),
        (garbage.segments, "notes of its counted segments"),
        (garbage.files, "named artifacts"),
        (garbage.blobs, f"blobs ({garbage.size_bytes:,} bytes)"),
        (garbage.partial_files, "files of killed writers"),
    )
    said = ", ".join(f"{count:,} {what}" for count, what in counts if count)
    if removed:
        out.done(f"Removed {said}.")
    else:
        out.line(f"Can be removed: {said}.")
        out.next("mw gc --yes" if asked is None else f"mw gc --yes --older-than-days {asked:g}")
