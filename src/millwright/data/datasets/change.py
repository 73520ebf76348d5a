"""What an operation makes of a version: files that are written, and not committed yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.ids import Digest
from millwright.core.records.dataset import ColumnSchema, DatasetOperation, DatasetVersionRecord
from millwright.data.datasets.data_file import DataFile
from millwright.data.datasets.delta import replace_all, replace_some
from millwright.data.datasets.normal_form import column_schemas
from millwright.data.datasets.snapshot import Snapshot
from millwright.data.datasets.table_digest import FILES, table_digest

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, kw_only=True, slots=True)
class RowCounts:
    """What became of rows.

    Attributes:
        added: New ones.
        updated: Those of the former version whose values changed.
        removed: Those of the former version that are not there any more.
        unchanged: Those of the former version that are as they were.
    """

    added: int = 0
    updated: int = 0
    removed: int = 0
    unchanged: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Base:
    """The version that an operation starts from.

    Attributes:
        record: What is known of it.
        snapshot: Its files.
    """

    record: DatasetVersionRecord
    snapshot: Snapshot

    @property
    def is_old(self) -> bool:
        """Whether a release before the present layout wrote it, so that a change writes it anew."""
        return any(file.digest is None for file in self.snapshot.files)

    @property
    def next_place(self) -> int:
        """The place behind the last file."""
        return self.snapshot.files[-1].place + 1 if self.snapshot.files else 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A version that can be committed.

    Attributes:
        base: The version that is changed; None when nothing of a former one is in the new one.
        schema: The new version's columns.
        added: Files that were written for it.
        removed: Files of the base that it does not have.
        whole: Whether it has none of the base's files.
        counts: What became of the rows.
        columns: For the record.
        digest: Of a version that was written whole, by its rows; None: by its files.
        frame: All rows, where they are at hand.
        behind: The rows that stand behind those of the base, when it is changed in no other way and no column's type.
    """

    operation: DatasetOperation
    base: Base | None
    schema: pl.Schema
    added: tuple[DataFile, ...]
    counts: RowCounts
    columns: tuple[ColumnSchema, ...]
    removed: tuple[DataFile, ...] = ()
    whole: bool = False
    digest: Digest | None = None
    frame: pl.DataFrame | None = None
    behind: pl.DataFrame | None = None

    @property
    def files(self) -> tuple[DataFile, ...]:
        """The new version's files, in the order of their rows."""
        kept: tuple[DataFile, ...] = ()
        if self.base is not None and not self.whole:
            gone = {file.path for file in self.removed}
            kept = tuple(file for file in self.base.snapshot.files if file.path not in gone)
        return tuple(sorted((*kept, *self.added), key=lambda file: file.place))

    @property
    def rows(self) -> int:
        """How many rows the new version has."""
        return sum(file.rows for file in self.files)

    @property
    def parent(self) -> DatasetVersionRecord | None:
        """The version that it was made from; None when nothing of a former one is in it."""
        return None if self.base is None else self.base.record

    @property
    def known_profile(self) -> Digest | None:
        """The profile, where another version with the same rows has one."""
        return None

    def identity(self) -> tuple[Digest, str | None]:
        """The new version's digest, and its scheme when it is not the ordinary one."""
        if self.digest is not None:
            return self.digest, None
        pairs = ((file.rows, file.digest) for file in self.files if file.digest is not None)
        return table_digest(self.schema, pairs), FILES

    def commit(self, uri: str) -> int:
        """Make it a version of the table.

        Returns:
            The number of the Delta version.

        Raises:
            ConflictError: Another process committed at the same moment.
            StorageError: The table cannot be used.
        """
        if self.base is None or self.whole:
            return replace_all(uri, self.schema, self.added)
        return replace_some(self.base.snapshot, self.schema, added=self.added, removed=self.removed)


def columns_after(
    base: DatasetVersionRecord, schema: pl.Schema, written: Iterable[pl.DataFrame]
) -> tuple[ColumnSchema, ...]:
    """The columns of a version for its record, without reading the rows that stay.

    Args:
        base: The version that was changed. A column that had nulls counts as having some, though they may be gone.
        schema: The new version's columns.
        written: The rows that were added or replaced.
    """
    nullable = {column.name for column in base.columns if column.nullable}
    if base.rows:
        nullable |= set(schema) - {column.name for column in base.columns}
    for rows in written:
        nullable |= {column.name for column in column_schemas(rows) if column.nullable}
    return tuple(ColumnSchema(name=name, dtype=str(dtype), nullable=name in nullable) for name, dtype in schema.items())
