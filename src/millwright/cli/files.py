"""`mw data add --files`, `mw data files` and `mw data checkout`: folders of files as datasets."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from millwright.cli.option import AsJson, Limit, start
from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from millwright.cli.console import Output
    from millwright.core.records.dataset import DatasetVersionRecord
    from millwright.data.datasets.dataset import Dataset
    from millwright.workspace.workspace import Workspace

_LINKS = ("copy", "hard", "symbolic")


def add_files(source: str, name: str, *, as_json: bool) -> None:
    """Record a folder's files as a version; the same files give the version that is there."""
    from millwright.data.files import add_folder
    from millwright.workspace.location import DATA_FOLDER
    from millwright.workspace.naming import slug

    workspace, out = start(as_json=as_json)
    with workspace:
        folder, own = Path(source), workspace.folder / DATA_FOLDER
        if own.resolve().is_relative_to(folder.resolve()):
            raise InvalidInputError(
                f"Expected a folder of files, found {source}, in which the workspace itself is.",
                hint="Put the files into a folder of their own.",
            )
        dataset = name or slug(folder.resolve().name)
        added = add_folder(
            folder,
            dataset,
            catalog=workspace.datasets,
            stores=workspace.stores,
            clock=workspace.clock,
            cache=stat_cache(workspace, dataset),
            progress=out.progress,
        )
        record = added.dataset.record
        out.done(f"{record.ref}: {record.rows:,} files; {added.read:,} read, {added.stored_bytes:,} bytes new.")
        warn_of_older(out, workspace, record)
        out.next(f"mw data files {record.ref}", f"mw data checkout {record.ref} FOLDER")
        out.json({"record": record, "read": added.read, "stored_bytes": added.stored_bytes})


def warn_of_older(out: Output, workspace: Workspace, record: DatasetVersionRecord) -> None:
    """Say so when what was added is an older version: the latest one holds something else still."""
    latest = workspace.stores.datasets.get_version(record.dataset)
    if latest.version > record.version and latest.digest != record.digest:
        out.warn(
            f"{record.ref} holds this already, and no version was made: the latest is still {latest.ref}. "
            f"To make it the latest again: mw data restore {record.ref}"
        )


def stat_cache(workspace: Workspace, dataset: str) -> Path:
    """The file that tells which files of a folder have not changed since they were added."""
    from millwright.workspace.location import DATA_FOLDER

    return workspace.folder / DATA_FOLDER / "cache" / "files" / f"{dataset}.msgpack"


def list_files(
    dataset: Annotated[str, typer.Argument(help="name or name@version.")],
    against: Annotated[str, typer.Argument(help="An older version to compare with.")] = "",
    *,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """Show a version's files; with a second version, what became of its files: added, removed, changed, moved."""
    workspace, out = start(as_json=as_json)
    with workspace:
        found = _of_files(workspace.datasets.get(dataset))
        if against:
            _show_difference(out, _of_files(workspace.datasets.get(against)), found, limit)
            return
        rows = found.read()
        out.line((found.record.ref, "bold"), f"  {rows.height:,} files, {rows['size'].sum():,} bytes")
        shown = rows.head(limit)
        out.table(["path", "bytes", "modified"], shown.select("path", "size", "modified").rows())
        if rows.height > limit:
            out.line(f"… and {rows.height - limit:,} more.")
        out.next(f"mw data checkout {found.record.ref} FOLDER")
        out.json({"record": found.record, "files": rows.to_dicts() if as_json else []})


def checkout(
    dataset: Annotated[str, typer.Argument(help="name or name@version.")],
    folder: Annotated[str, typer.Argument(help="A folder that is not there yet, or is empty.")],
    *,
    link: Annotated[
        str, typer.Option(help="copy, hard or symbolic: links take no space, and the files are read-only then.")
    ] = "copy",
    as_json: AsJson = False,
) -> None:
    """Put a version's files into a folder, by copy or link; the folder is there whole or not at all."""
    from millwright.data.files import Link, check_out

    if link not in _LINKS:
        raise InvalidInputError(f"Expected --link to be one of {', '.join(_LINKS)}, found '{link}'.")
    workspace, out = start(as_json=as_json)
    with workspace:
        found = workspace.datasets.get(dataset)
        count = check_out(
            found, Path(folder), artifacts=workspace.stores.artifacts, link=Link(link), progress=out.progress
        )
        out.done(f"{found.record.ref}: {count:,} files in {folder}.")
        if link == Link.COPY.value:  # the others are read-only, and links out of a folder are not added
            out.next(shlex.join(["mw", "data", "add", folder, "--files", "--name", found.record.dataset]))
        else:
            out.next(f"mw data files {found.record.ref}")
        out.json({"dataset": found.record.ref, "folder": folder, "files": count, "link": link})


def register(app: typer.Typer) -> None:
    """Add the commands to `mw data`."""
    app.command("files")(list_files)
    app.command("checkout")(checkout)


def _of_files(dataset: Dataset) -> Dataset:
    from millwright.core.records.dataset import DatasetKind

    record = dataset.record
    if record.kind is not DatasetKind.FILES:
        raise InvalidInputError(
            f"Expected a dataset of files, found {record.ref} of kind '{record.kind}'.",
            hint=f"Look at its rows instead: mw data show {record.ref}",
        )
    return dataset


def _show_difference(out: Output, former: Dataset, latter: Dataset, limit: int) -> None:
    from dataclasses import asdict

    from millwright.data.files import compare_files

    found = compare_files(former.read(["path", "digest"]), latter.read(["path", "digest"]))
    rows: list[list[Any]] = [
        *(["added", path] for path in found.added),
        *(["removed", path] for path in found.removed),
        *(["changed", path] for path in found.changed),
        *(["moved", f"{before} → {after}"] for before, after in found.moved),
    ]
    out.line(
        (f"{former.record.ref} → {latter.record.ref}: ", "bold"),
        f"{len(found.added):,} added, {len(found.removed):,} removed, {len(found.changed):,} changed, "
        f"{len(found.moved):,} moved, {found.unchanged:,} unchanged",
    )
    if rows:
        out.table(["what", "path"], rows[:limit])
        if len(rows) > limit:
            out.line(f"… and {len(rows) - limit:,} more.")
    out.json({"former": former.record.ref, "latter": latter.record.ref, **asdict(found)})
