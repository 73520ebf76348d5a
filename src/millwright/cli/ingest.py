"""`mw data add`: sources into datasets."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, cast
from urllib.parse import urlsplit

import typer

from millwright.cli.files import add_files, warn_of_older
from millwright.cli.option import COLUMNS, AsJson, column_names, start
from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from typing import Literal

    from millwright.data.ingestion.request import IngestOptions
    from millwright.data.sources.request import SourceOptions

_WINDOW = "Of a Kafka topic: "


def register(app: typer.Typer) -> None:
    """Add the command to `mw data`."""
    app.command("add")(add)


def add(
    source: Annotated[
        str,
        typer.Argument(
            help="A file's path or URL, a folder or a quoted pattern ('data/*.parquet') of files, a Delta table's "
            "folder, a database's URL, or kafka://broker:9092/topic."
        ),
    ],
    *,
    name: Annotated[str, typer.Option(help="The dataset's name; by default from the source's name.")] = "",
    files: Annotated[
        bool, typer.Option("--files", help="Keep a folder's files (images, documents) as they are.")
    ] = False,
    format_: Annotated[
        str,
        typer.Option("--format", help="csv, tsv, json, jsonl, parquet, arrow, excel, delta, sql, kafka; else told."),
    ] = "",
    sheet: Annotated[str, typer.Option(help="Of a workbook: a sheet's name, or its position from 1.")] = "",
    query: Annotated[str, typer.Option(help="Of a database: the SELECT to run.")] = "",
    table: Annotated[str, typer.Option(help="Of a database: a table, or schema.table.")] = "",
    version: Annotated[int | None, typer.Option(min=0, help="Of a Delta table; the latest by default.")] = None,
    mode: Annotated[
        str, typer.Option(help="overwrite, append or merge; by default merge with --key, append what is new.")
    ] = "",
    key: Annotated[list[str] | None, typer.Option(help=f"The columns that identify a row{COLUMNS}")] = None,
    evolve: Annotated[bool, typer.Option("--evolve", help="Append and merge may add columns and widen types.")] = False,
    incremental: Annotated[
        str, typer.Option(help="Read only what is new: files, column (with --cursor) or changes (Delta, Kafka).")
    ] = "",
    cursor: Annotated[str, typer.Option(help="The column that tells new rows: its values only grow.")] = "",
    start_at: Annotated[
        str, typer.Option("--from", help=f"{_WINDOW}earliest, latest, an offset, or a time such as 2026-01-31T10:00Z.")
    ] = "",
    end_at: Annotated[str, typer.Option("--to", help=f"{_WINDOW}likewise; itself not included.")] = "",
    most: Annotated[int | None, typer.Option("--max", min=1, help=f"{_WINDOW}most messages to read.")] = None,
    values: Annotated[str, typer.Option(help=f"{_WINDOW}what values are: json (by default), text or bytes.")] = "",
    as_json: AsJson = False,
) -> None:
    """Read a source into a new version of a dataset; a source that is known already gives the version that is there."""
    from millwright.data.ingestion.request import IngestOptions
    from millwright.data.sources.request import SourceOptions

    if files:
        add_files(source, name, as_json=as_json)
        return
    reading = SourceOptions(
        format=format_, sheet=sheet, query=query, table=table, version=version,
        start=start_at, end=end_at, most=most, values=values,
    )  # fmt: skip
    options = IngestOptions(
        reading=reading,
        mode=cast("Literal['', 'overwrite', 'append', 'merge']", mode),
        key=column_names(key),
        evolve=evolve,
        incremental=cast("Literal['', 'files', 'column', 'changes']", incremental),
        column=cursor,
    )
    _add(source, name or default_name(source, reading), options, as_json=as_json)


def _add(source: str, name: str, options: IngestOptions, *, as_json: bool) -> None:
    workspace, out = start(as_json=as_json)
    with workspace:
        found = workspace.ingestion.add(source, name, options)
        record = found.dataset.record
        text = f"{record.ref}: {record.rows:,} rows, {len(record.columns)} columns."
        if options.incremental and not found.is_new:
            out.done(f"Nothing new. {text}")
        elif options.effective_mode == "overwrite":
            out.done(text)
        else:
            out.done(f"{text} {found.rows:,} rows were read.")
        warn_of_older(out, workspace, record)
        out.next(f"mw data show {record.ref}", f"mw data contract infer {record.ref} -o contract.yaml")
        out.json({**asdict(record), "ref": record.ref, "rows_read": found.rows, "is_new": found.is_new})


def default_name(source: str, reading: SourceOptions) -> str:
    """A dataset's name for a source: its file, folder, table or topic.

    Raises:
        InvalidInputError: A query has no name of its own.
    """
    from millwright.workspace.naming import slug

    if reading.query:
        raise InvalidInputError("Expected a name for the rows of a query, found none.", hint="Give one with --name.")
    if reading.table:
        return slug(reading.table.rpartition(".")[2])
    path = urlsplit(source).netloc + urlsplit(source).path if "://" in source else source.replace("\\", "/")
    signs = "" if Path(source).exists() else "*?["  # of a pattern; a file may have them in its name, too
    parts = [part for part in PurePosixPath(path).parts if not any(sign in part for sign in signs)]
    last = PurePosixPath(parts[-1]) if parts else PurePosixPath()
    stem = last.stem.removesuffix(".csv").removesuffix(".json") if last.suffix == ".gz" else last.stem
    return slug(stem)
