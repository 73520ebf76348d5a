"""Rows in Delta tables: one folder per dataset, one Delta version per dataset version.

A version is there whole or not at all, since Delta commits by the atomic creation of one log entry. The table keeps all
its versions: clearing old log entries is switched off at creation, as a record may name any version.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote

import polars as pl

from millwright.core.errors import ConflictError, IntegrityError, StorageError
from millwright.core.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deltalake import DeltaTable

_WRITE_KEY = "millwright_write"
_ATTEMPTS = 5
_ZSTD_LEVEL = 3  # the library's default; higher levels cost more time than they save space on mixed tables
_HISTORY = 100  # commits to look back for our own; more cannot have come in between
_PART = re.compile(r"part-(\d+)-([0-9a-fA-F-]{36})")
_UNUSABLE = re.compile(r"[\[\]?#]|%[0-9a-fA-F]{2}")
_KEEP_ALL_VERSIONS: dict[str, str | None] = {
    "delta.enableExpiredLogCleanup": "false",
    "delta.logRetentionDuration": "interval 36500 days",
    "delta.deletedFileRetentionDuration": "interval 36500 days",
}


def commit(uri: str, frame: pl.DataFrame, *, mode: Literal["overwrite", "append"], base: int | None) -> int:
    """Write rows as a new version of a table, which is created when it is not there.

    Args:
        uri: The table's folder or URL.
        frame: Rows in normal form; may be none.
        mode: Whether the new version holds these rows alone or behind those of `base`.
        base: The version to append to; with `overwrite` it does not matter.

    Returns:
        The number of the Delta version that holds exactly the rows asked for.

    Raises:
        ConflictError: Other writers came first, five times over.
        StorageError: The folder or URL cannot be written.
    """
    from deltalake.exceptions import CommitFailedError

    _check_usable(uri)
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with _storage_errors(uri):
                return _commit_once(uri, frame, mode=mode, base=base)
        except CommitFailedError as error:
            if attempt == _ATTEMPTS:
                raise ConflictError(
                    f"The table {uri} was changed by others while it was written.", hint="Try again."
                ) from error
    raise AssertionError


def read_version(uri: str, version: int) -> pl.DataFrame:
    """The rows of one version of a table, in the order in which they were written.

    Raises:
        IntegrityError: The version, or a file of it, is not there any more.
        StorageError: The folder or URL cannot be read.
    """
    try:
        with _storage_errors(uri):
            table = _open(uri, version)
            files = _ordered_files(table, is_local=_is_local(uri) or uri.startswith("file://"))
            if not files:
                return pl.DataFrame(schema=pl.Schema(table.schema()))
            return pl.concat([pl.read_parquet(file, glob=False) for file in files], rechunk=False)
    except FileNotFoundError as error:
        raise _gone(uri, version) from error


def _commit_once(uri: str, frame: pl.DataFrame, *, mode: Literal["overwrite", "append"], base: int | None) -> int:
    from deltalake import CommitProperties, DeltaTable, WriterProperties, write_deltalake

    if mode == "append" and base is not None:
        table = DeltaTable(uri)
        if table.version() != base:  # a commit whose record was never written: its rows are nobody's
            table.restore(base)
    write = new_id()
    write_deltalake(
        uri,
        frame,
        mode=mode,
        schema_mode="overwrite" if mode == "overwrite" else None,
        configuration=_KEEP_ALL_VERSIONS,
        writer_properties=WriterProperties(compression="ZSTD", compression_level=_ZSTD_LEVEL),
        commit_properties=CommitProperties(custom_metadata={_WRITE_KEY: write}),
    )
    for entry in DeltaTable(uri).history(_HISTORY):
        if entry.get(_WRITE_KEY) == write:
            return int(entry["version"])
    raise StorageError(f"The table {uri} does not show what was just written to it.", hint="Check the store.")


def _open(uri: str, version: int) -> DeltaTable:
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError

    try:
        return DeltaTable(uri, version=version)
    except DeltaError as error:
        raise _gone(uri, version) from error


def _ordered_files(table: DeltaTable, *, is_local: bool) -> list[str]:
    """A version's files, in the order of their rows.

    A write numbers its files and gives them one id; writes are ordered by the time of their first file.
    """
    actions = pl.DataFrame(table.get_add_actions(flatten=True)).select("path", "modification_time")
    began: dict[str, int] = {}
    parts = []
    for path, modified in actions.rows():
        found = _PART.search(path)
        number, write = (int(found[1]), found[2]) if found else (0, path)
        began[write] = min(began.get(write, modified), modified)
        parts.append((write, number, path))
    ordered = sorted(parts, key=lambda part: (began[part[0]], part[0], part[1]))
    # The library gives local paths with blanks and letters beyond ASCII as in URLs (`%20`).
    uris = (unquote(file) if is_local else file for file in table.file_uris())
    full = {file.rpartition("/")[2]: file for file in uris}
    return [full[path.rpartition("/")[2]] for _, _, path in ordered]


def _check_usable(uri: str) -> None:
    """Refuse local folders on which the library fails, or which it takes for others: it reads paths as URLs in part.

    Raises:
        StorageError: The folder's name holds what has a meaning in URLs.
    """
    found = _UNUSABLE.search(uri) if _is_local(uri) else None
    if found:
        raise StorageError(
            f"Cannot keep a table at {uri}: Delta tables cannot deal with '{found[0]}' in a folder's name.",
            hint="Rename the folder, or name another one in the setting 'datasets'.",
        )


def _is_local(uri: str) -> bool:
    return "://" not in uri


def _gone(uri: str, version: int) -> IntegrityError:
    return IntegrityError(
        f"The rows that a record names are not there: version {version} of the table {uri}.",
        hint="Was the folder moved, emptied or restored from a backup without the records?",
    )


@contextmanager
def _storage_errors(uri: str) -> Iterator[None]:
    from deltalake.exceptions import CommitFailedError, DeltaError

    try:
        yield
    except (CommitFailedError, FileNotFoundError):
        raise
    except (DeltaError, OSError, pl.exceptions.PolarsError) as error:
        raise StorageError(
            f"Cannot use the table {uri}: {' '.join(str(error).split())[:300]}.",
            hint="Check the path or URL, its permissions and the room on the disk.",
        ) from error
