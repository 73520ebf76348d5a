"""`mw data append|merge|delete|restore`: new versions of a dataset from the latest or an older one."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli.option import COLUMNS, AsJson, column_names, start
from millwright.core.errors import NotFoundError

if TYPE_CHECKING:
    from millwright.cli.console import Output
    from millwright.core.records.dataset import DatasetVersionRecord
    from millwright.data.datasets.write_options import WriteOptions
    from millwright.workspace.workspace import Workspace

_Name = Annotated[str, typer.Argument(help="The dataset's name.")]
_Source = Annotated[str, typer.Argument(help="A file or URL; texts are read as the types that the dataset has.")]
_Evolve = Annotated[bool, typer.Option("--evolve", help="Allow new columns and wider types.")]
_Expected = Annotated[
    int, typer.Option("--expect", min=0, help="Refuse when another version than this is the latest (0: do not ask).")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("append")(append)
    app.command("merge")(merge)
    app.command("delete")(delete)
    app.command("restore")(restore)


def append(
    dataset: _Name,
    source: _Source,
    *,
    again: Annotated[bool, typer.Option("--again", help="Also when the same file was appended before.")] = False,
    evolve: _Evolve = False,
    as_json: AsJson = False,
) -> None:
    """Write a file's rows behind those of the latest version. The same file twice makes one version."""
    from millwright.data.datasets.write_options import WriteOptions

    _write(dataset, source, WriteOptions(mode="append", evolve=evolve), again=again, as_json=as_json)


def merge(
    dataset: _Name,
    source: _Source,
    *,
    key: Annotated[list[str], typer.Option(help=f"The columns that identify a row{COLUMNS}")],
    evolve: _Evolve = False,
    expect: _Expected = 0,
    as_json: AsJson = False,
) -> None:
    """Update the rows with the same key, and write the others behind the last row."""
    from millwright.data.datasets.write_options import WriteOptions

    options = WriteOptions(mode="merge", key=column_names(key), evolve=evolve, expected=expect or None)
    _write(dataset, source, options, as_json=as_json)


def delete(
    dataset: _Name,
    *,
    where: Annotated[str, typer.Option(help='What is true of the rows that go, in SQL: "cost < 0 AND name IS NULL".')],
    expect: _Expected = 0,
    as_json: AsJson = False,
) -> None:
    """Make a version without some rows; older versions keep them. To erase a person's rows, see `mw data erase`."""
    from millwright.data.datasets.write_options import WriteOptions

    workspace, out = start(as_json=as_json)
    with workspace:
        before = _latest(workspace, dataset)
        record = workspace.datasets.delete(dataset, where, options=WriteOptions(expected=expect or None)).record
        _tell(out, record, before)


def restore(
    version: Annotated[str, typer.Argument(help="The older version: name@3, name@tag or name@2026-01-31.")],
    *,
    expect: _Expected = 0,
    as_json: AsJson = False,
) -> None:
    """Make the rows of an older version those of a new one; nothing is copied."""
    from millwright.data.datasets.write_options import WriteOptions

    workspace, out = start(as_json=as_json)
    with workspace:
        before = _latest(workspace, version.partition("@")[0])
        record = workspace.datasets.restore(version, options=WriteOptions(expected=expect or None)).record
        _tell(out, record, before)


def _write(dataset: str, source: str, options: WriteOptions, *, again: bool = False, as_json: bool) -> None:
    workspace, out = start(as_json=as_json)
    with workspace:
        before = _latest(workspace, dataset)
        record = _written(workspace, dataset, source, options, before, again=again)
        _tell(out, record, before)
        if options.mode == "append" and not again and before is not None and record.ref == before.ref:
            out.warn("Its file was read before. To write the rows behind the others once more: --again")


def _written(
    workspace: Workspace,
    dataset: str,
    source: str,
    options: WriteOptions,
    before: DatasetVersionRecord | None,
    *,
    again: bool,
) -> DatasetVersionRecord:
    from dataclasses import replace

    from millwright.core.records.dataset import DatasetKind
    from millwright.data.datasets.ancestry import read_already
    from millwright.data.datasets.text_rows import typed_like
    from millwright.data.sources.source import load, open_source

    with open_source(source) as found:
        if options.mode == "append" and found.digest is not None and not again:
            known = read_already(workspace.stores.datasets, dataset, found.digest)
            if known is not None and before is not None:
                return before
        table = load(found, workspace.progress)
    options = replace(options, source_uri=found.uri, source_digest=found.digest, details={"format": table.format})
    rows = (
        table.frame
        if before is None
        else typed_like(table.frame, workspace.datasets.get(before.ref).scan().collect_schema())
    )
    kind = DatasetKind.SOURCE if before is None else before.kind
    return workspace.datasets.write(rows, dataset, kind=kind, options=options).record


def _latest(workspace: Workspace, dataset: str) -> DatasetVersionRecord | None:
    try:
        return workspace.stores.datasets.get_version(dataset)
    except NotFoundError:
        return None


def _tell(out: Output, record: DatasetVersionRecord, before: DatasetVersionRecord | None) -> None:
    if before is not None and record.ref == before.ref:
        out.done(f"{record.ref} holds this already; no version was made.")
        out.next(f"mw data show {record.ref}")
    else:
        details = record.details
        counts = ", ".join(f"{details[name]:,} {name}" for name in ("added", "updated", "removed", "unchanged"))
        out.done(f"{record.ref}: {record.rows:,} rows ({counts}).")
        show = f"mw data show {record.ref}"
        if before is None:
            out.next(show)
        else:  # not the one that was the latest when the command began: others may have written since
            former = f"{record.dataset}@{record.version - 1}"
            out.next(shlex.join(["mw", "data", "diff", former, record.ref]), show)
    out.json(record)
