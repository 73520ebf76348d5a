"""Sources: whatever holds a table, found by its address and read as it is."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.core.progress import SilentProgress
from millwright.data.sources.catalog import has_kind, source_opener
from millwright.data.sources.place import is_url, one_line
from millwright.data.sources.request import PLAIN, OpenedSource, SourceOptions, SourceTable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.core.progress import Progress

# What concerns one kind only; files take `format` and `sheet`.
_OWN_OPTIONS = {
    "sql": {"query", "table"},
    "kafka": {"start", "end", "most", "values"},
    "delta": {"version"},
}
_DATABASES = {"postgresql", "postgres", "sqlite", "mysql", "mariadb", "oracle", "mssql", "duckdb", "snowflake",
              "redshift", "cockroachdb", "clickhouse", "trino", "bigquery"}  # fmt: skip


def read_source(source: str, options: SourceOptions = PLAIN, *, progress: Progress | None = None) -> SourceTable:
    """Read a table from a source.

    Args:
        source: A file's path or URL (`https://…`, `s3://…`, any that fsspec knows), a folder or a pattern with `*` of
            such files, a Delta table's folder, a database's URL, or `kafka://broker:9092/topic`.
        options: How to read it.
        progress: Told of the rows as they come.

    Raises:
        InvalidInputError: There is no such file, table, sheet, topic or kind of source; it is empty or broken; its
            lines differ in their number of fields; its files differ in their columns; or an option is for another
            kind.
        MissingExtraError: The library for that kind of source is not installed.
        StorageError: It cannot be reached.
    """
    with open_source(source, options) as found:
        return load(found, progress or SilentProgress())


@contextmanager
def open_source(source: str, options: SourceOptions = PLAIN) -> Iterator[OpenedSource]:
    """Find a source, and what tells whether it has changed, without reading its rows. Raises as `read_source` does."""
    kind = source_kind(source, options)
    _check_options(kind, options)
    with source_opener(kind)(source, options) as found:
        yield found


def load(found: OpenedSource, progress: Progress) -> SourceTable:
    """The rows of a source that is open."""
    with progress.task(f"Reading {found.uri}") as task:
        frame, kind = found.load(task)
    if not frame.height:
        raise InvalidInputError(f"Expected rows in {found.uri}, found none.", hint="Check what was asked for.")
    return SourceTable(frame, found.uri, found.digest, kind)


def load_in_batches(found: OpenedSource, progress: Progress) -> tuple[Iterator[pl.DataFrame], str] | None:
    """The rows of a large source that is open, one frame after the other, and its format.

    Returns:
        None from sources that are small, or have to be read whole: use `load`.
    """
    read = found.in_batches()
    if read is None:
        return None
    frames, kind = read

    def told() -> Iterator[pl.DataFrame]:
        with progress.task(f"Reading {found.uri}") as task:
            try:
                for frame in frames:
                    task.advance(frame.height)
                    yield frame
            except pl.exceptions.PolarsError as error:
                raise InvalidInputError(
                    f"Expected a table in {found.uri}, found a broken one: {one_line(error)}.",
                    hint="Was the file copied whole?",
                ) from error

    return told(), kind


def source_kind(source: str, options: SourceOptions = PLAIN) -> str:
    """Which kind a source is of, of `source_kinds()`; for files, `csv` stands for all whose content decides."""
    if options.format:
        return options.format
    if options.query or options.table:
        return "sql"
    scheme = source.partition("://")[0].partition("+")[0].lower() if is_url(source) else ""
    if scheme in _DATABASES:
        return "sql"
    if scheme == "kafka" or (scheme and has_kind(scheme)):
        return scheme
    if not is_url(source) and (Path(source).expanduser() / "_delta_log").is_dir():
        return "delta"
    return "delta" if options.version is not None else "csv"


def _check_options(kind: str, options: SourceOptions) -> None:
    for owner, names in _OWN_OPTIONS.items():
        unfit = names & options.given().keys()
        if owner != kind and unfit:
            raise InvalidInputError(
                f"Expected options of the kind '{kind}', found '{min(unfit)}', which is for '{owner}'.",
                hint=f"Leave it out, or say --format {owner}.",
            )
    if options.sheet and kind in _OWN_OPTIONS:
        raise InvalidInputError(
            f"Expected options of the kind '{kind}', found 'sheet', which is for workbooks.", hint="Leave it out."
        )
