"""Commits to Delta tables: one folder per dataset, at least one Delta version per dataset version.

A version is there whole or not at all, since Delta commits by the atomic creation of one log entry. The table keeps all
its versions: clearing old log entries is switched off at creation, as a record may name any version. A version that no
record names is nobody's: its writer died before it could record it, or lost its turn to another.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import polars as pl

from millwright.core.errors import ConflictError
from millwright.data.datasets.normal_form import type_instance
from millwright.data.datasets.snapshot import Snapshot, gone, open_snapshot
from millwright.data.datasets.table_error import check_usable, table_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from deltalake import CommitProperties, DeltaTable
    from deltalake import Schema as DeltaSchema
    from deltalake.transaction import AddAction, RemoveAction

    from millwright.data.datasets.data_file import DataFile

_Mode = Literal["append", "overwrite"]
_KEEP_ALL_VERSIONS: dict[str, str | None] = {
    "delta.enableExpiredLogCleanup": "false",
    "delta.logRetentionDuration": "interval 36500 days",
    "delta.deletedFileRetentionDuration": "interval 36500 days",
}


def ensure_table(uri: str, schema: pl.Schema) -> None:
    """Make an empty table where there is none.

    Args:
        uri: The table's folder or URL.
        schema: Its columns, if it has to be made.

    Raises:
        StorageError: The folder or URL cannot be written.
    """
    from deltalake import DeltaTable
    from deltalake.exceptions import CommitFailedError

    check_usable(uri)
    with table_errors(uri):
        if not DeltaTable.is_deltatable(uri):
            if "://" not in uri:
                Path(uri).mkdir(parents=True, exist_ok=True)
            try:
                DeltaTable.create(uri, _delta_schema(schema), mode="ignore", configuration=_KEEP_ALL_VERSIONS)
            except CommitFailedError:
                return  # another process made it at the same moment


def replace_all(uri: str, schema: pl.Schema, files: Sequence[DataFile]) -> int:
    """Commit a version of these files alone.

    Args:
        uri: A table that is there.
        schema: The version's columns.
        files: Written just now.

    Returns:
        The number of the Delta version.

    Raises:
        ConflictError: Another process committed at the same moment.
        StorageError: The folder or URL cannot be used.
    """
    from deltalake import DeltaTable

    with _commit(uri), table_errors(uri):
        table = DeltaTable(uri)
        _allow_naive_times(table, schema)
        return _write(table, [_add(file) for file in files], "overwrite", _delta_schema(schema))


def replace_some(base: Snapshot, schema: pl.Schema, *, added: Sequence[DataFile], removed: Sequence[DataFile]) -> int:
    """Commit a version of a base version's files without some and with others.

    When the table's newest version is not the base, it is one that no record names: the base is restored first.

    Args:
        base: The version to change.
        schema: The new version's columns: those of the base, and new ones behind them.
        added: Files that were written just now.
        removed: Files of the base.

    Returns:
        The number of the Delta version.

    Raises:
        ConflictError: Another process committed at the same moment.
        StorageError: The folder or URL cannot be used.
    """
    from deltalake.exceptions import CommitFailedError

    actions = [_add(file) for file in added] + [_remove(file) for file in removed]
    with _commit(base.uri), table_errors(base.uri):
        try:
            return _change(base, schema, actions)
        except CommitFailedError:
            restored = restore(base.uri, base.version)
            again = open_snapshot(base.uri, restored)
            if {file.path for file in again.files} != {file.path for file in base.files}:
                raise
            return _change(again, schema, actions)


def restore(uri: str, version: int) -> int:
    """Commit a version of the columns and files of a former one; none when it is the newest.

    Args:
        uri: A table that is there.
        version: The number of the former Delta version.

    Returns:
        The number of the Delta version that has them.

    Raises:
        ConflictError: Another process committed at the same moment.
        IntegrityError: The former version, or a file of it, is not there any more.
        StorageError: The folder or URL cannot be used.
    """
    from deltalake import DeltaTable
    from deltalake.exceptions import CommitFailedError, DeltaError

    with _commit(uri), table_errors(uri):
        table = DeltaTable(uri)
        newest = table.version()
        if newest == version:
            return newest
        try:
            table.restore(version, commit_properties=_once())
        except CommitFailedError:
            raise
        except DeltaError as error:
            raise gone(uri, version) from error
        return newest + 1


def _change(base: Snapshot, schema: pl.Schema, actions: Sequence[AddAction | RemoveAction]) -> int:
    from deltalake.exceptions import CommitFailedError

    table = base.table
    fields = [field for field in _delta_schema(schema).fields if field.name not in base.schema]
    if fields:
        _allow_naive_times(table, schema)
        expected = table.version() + 1
        table.alter.add_columns(fields, commit_properties=_once())
        table.update_incremental()
        if table.version() != expected:
            raise CommitFailedError
    return _write(table, actions, "append", _delta_schema(schema)) if actions else table.version()


def _write(
    table: DeltaTable,
    actions: Sequence[AddAction | RemoveAction],
    mode: Literal["append", "overwrite"],
    schema: DeltaSchema,
) -> int:
    version = table.version() + 1  # exactly this one, or the commit is refused
    table.create_write_transaction(list(actions), mode, schema, commit_properties=_once())
    return version


def _once() -> CommitProperties:
    from deltalake import CommitProperties

    # The library would rebase a commit on what others committed; a version must be what was planned, and no more.
    return CommitProperties(max_commit_retries=0)


def _allow_naive_times(table: DeltaTable, schema: pl.Schema) -> None:
    """Switch on what the protocol asks for before a table may hold times without a zone."""
    from deltalake import TableFeatures

    if not any(_holds_naive_time(dtype) for dtype in schema.dtypes()):
        return
    if "timestampNtz" in (table.protocol().reader_features or ()):
        return
    table.alter.add_feature(
        TableFeatures.TimestampWithoutTimezone, allow_protocol_versions_increase=True, commit_properties=_once()
    )
    table.update_incremental()


def _holds_naive_time(dtype: pl.DataType) -> bool:
    if isinstance(dtype, pl.List):
        return _holds_naive_time(type_instance(dtype.inner))
    if isinstance(dtype, pl.Struct):
        return any(_holds_naive_time(type_instance(field.dtype)) for field in dtype.fields)
    return isinstance(dtype, pl.Datetime) and dtype.time_zone is None


def _delta_schema(schema: pl.Schema) -> DeltaSchema:
    from deltalake import Schema

    return Schema.from_arrow(pl.DataFrame(schema=schema).to_arrow().schema)


def _add(file: DataFile) -> AddAction:
    from deltalake.transaction import AddAction

    return AddAction(
        path=file.path,
        size=file.size_bytes,
        partition_values={},
        modification_time=time.time_ns() // 1_000_000,
        data_change=True,
        stats=file.statistics,
    )


def _remove(file: DataFile) -> RemoveAction:
    from deltalake.transaction import RemoveAction

    return RemoveAction(
        path=file.path,
        data_change=True,
        deletion_timestamp=time.time_ns() // 1_000_000,
        size=file.size_bytes,
        partition_values={},
    )


@contextmanager
def _commit(uri: str) -> Iterator[None]:
    from deltalake.exceptions import CommitFailedError

    try:
        yield
    except CommitFailedError as error:
        raise ConflictError(
            f"The table {uri} was changed by others while it was written.", hint="Try again."
        ) from error
    except FileNotFoundError as error:
        raise gone(uri, None) from error
