"""`mw backup` and `mw restore`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from millwright.cli.option import AsJson, start


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    target: Annotated[Path, typer.Argument(help="A new folder, or a file that ends in .zip.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Back the workspace up, consistently, while it is used: records, artifacts, datasets and predictions."""
    from millwright.workspace.maintenance.backup import back_up

    workspace, out = start(as_json=as_json)
    with workspace:
        made = back_up(workspace, target)
        out.done(
            f"Backed up {made.rows:,} rows, {made.blobs:,} blobs and {made.files:,} files "
            f"({made.size_bytes:,} bytes) to {target}."
        )
        for sentence in made.left_out:
            out.warn(f"Not in it: {sentence}.")
        out.next(f"mw --workspace NEW_FOLDER restore {shlex.quote(str(target))}")
        out.json(
            {
                "target": str(made.target),
                "rows": made.rows,
                "blobs": made.blobs,
                "files": made.files,
                "size_bytes": made.size_bytes,
                "left_out": made.left_out,
            }
        )


def restore(
    source: Annotated[Path, typer.Argument(help="What mw backup made.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Fill an empty workspace from a backup, after checking every byte of it."""
    from millwright.workspace.maintenance.restore import restore as restore_backup

    workspace, out = start(as_json=as_json)
    with workspace:
        restored = restore_backup(workspace, source)
        out.done(f"Restored {restored.rows:,} rows, {restored.blobs:,} blobs and {restored.files:,} files.")
        out.next("mw audit verify", "mw runs list")
        out.json({"rows": restored.rows, "blobs": restored.blobs, "files": restored.files})
