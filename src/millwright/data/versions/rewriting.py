"""A dataset's table, written anew without some rows: every version of it, sharing files as before.

The log of a Delta table keeps the bounds of every file that ever was, and so values of rows that are gone. Therefore
the versions are committed to a new table beside the old one, which then can go as a whole. Files without such rows are
linked (or copied), the others written anew, each once however many versions share it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import polars as pl

from millwright.core.errors import IntegrityError
from millwright.core.ids import Digest
from millwright.data.datasets.data_file import location, write_file
from millwright.data.datasets.delta import ensure_table, replace_all
from millwright.data.datasets.file_statistics import statistics
from millwright.data.datasets.layout import write_rows
from millwright.data.datasets.snapshot import scan_files
from millwright.data.datasets.table_digest import table_digest
from millwright.data.datasets.table_error import table_errors
from millwright.data.versions.condition import RowCondition

if TYPE_CHECKING:
    from millwright.data.datasets.data_file import DataFile
    from millwright.data.datasets.snapshot import Snapshot


@dataclass(frozen=True, kw_only=True, slots=True)
class Rewritten:
    """A version in the new table.

    Attributes:
        table_version: The Delta version there.
        rows: How many are left.
        digest: Of them, by the digests of its files (see `table_digest`).
    """

    table_version: int
    rows: int
    digest: Digest


@dataclass(kw_only=True, slots=True)
class RowSearch:
    """Counts the rows that a condition means, in each file once.

    Attributes:
        condition: Which rows.
        counts: Table and file → rows; filled as versions are looked at.
    """

    condition: RowCondition
    counts: dict[tuple[str, str], int] = field(default_factory=dict)

    def count(self, snapshot: Snapshot) -> int | None:
        """How many of a version's rows are meant; None when it lacks a column that the condition names."""
        expression = self.condition.expression(snapshot.schema)
        if expression is None:
            return None
        return sum(self._in_file(snapshot, file, expression) for file in snapshot.files)

    def found(self, snapshot: Snapshot, file: DataFile) -> int:
        """What was counted in a file of a version; 0 where the version lacks a column that the condition names."""
        lacking = any(column not in snapshot.schema for column in self.condition.columns)
        return 0 if lacking else self.counts.get((snapshot.uri, file.path), 0)

    def _in_file(self, snapshot: Snapshot, file: DataFile, expression: pl.Expr) -> int:
        at = (snapshot.uri, file.path)
        if at not in self.counts:
            with table_errors(snapshot.uri):
                rows = scan_files(snapshot.uri, [file], snapshot.schema).filter(expression)
                self.counts[at] = int(rows.select(pl.len()).collect().item())
        return self.counts[at]


class TableRewriter:
    """Writes versions to a new table without the rows that a search has counted.

    Args:
        uri: The new table's folder or URL; nothing is there.
        search: Has counted the rows of every version that will be written.
    """

    def __init__(self, uri: str, search: RowSearch) -> None:
        self._uri = uri
        self._search = search
        self._files: dict[tuple[str, str, bool], DataFile | None] = {}

    def add(self, snapshot: Snapshot) -> Rewritten:
        """Commit a version of the old table to the new one.

        Raises:
            IntegrityError: A file is not there any more.
            StorageError: A table cannot be read or written.
        """
        ensure_table(self._uri, snapshot.schema)
        if all(file.digest is not None for file in snapshot.files):
            files = [file for file in (self._moved(snapshot, each) for each in snapshot.files) if file is not None]
        else:
            files = self._whole(snapshot)
        version = replace_all(self._uri, snapshot.schema, files)
        digest = table_digest(snapshot.schema, [(file.rows, _known(file)) for file in files])
        return Rewritten(table_version=version, rows=sum(file.rows for file in files), digest=digest)

    def _moved(self, snapshot: Snapshot, file: DataFile) -> DataFile | None:
        found = self._search.found(snapshot, file)
        # A version without one of the columns keeps a file whole that another has without some rows.
        at = (snapshot.uri, file.path, found > 0)
        if at not in self._files:
            rows = snapshot.read_file(file)
            if not found:
                with table_errors(self._uri):
                    _link(snapshot.uri, self._uri, file)
                self._files[at] = replace(file, statistics=statistics(rows))
            elif found == rows.height:
                self._files[at] = None
            else:
                self._files[at] = self._without(snapshot, file)
        return self._files[at]

    def _without(self, snapshot: Snapshot, file: DataFile) -> DataFile:
        rows = scan_files(snapshot.uri, [file], snapshot.schema).filter(~self._expression(snapshot)).collect()
        # As it was written: without the columns that came later.
        kept = rows.select(snapshot.read_file(file).columns)
        with table_errors(self._uri):
            return write_file(self._uri, kept, file.place)

    def _whole(self, snapshot: Snapshot) -> list[DataFile]:
        """A version that an older release wrote: its files tell their order by their times, which would change."""
        rows = snapshot.read()
        if any(self._search.found(snapshot, file) for file in snapshot.files):
            rows = rows.filter(~self._expression(snapshot))
        return write_rows(self._uri, rows, place=1)

    def _expression(self, snapshot: Snapshot) -> pl.Expr:
        expression = self._search.condition.expression(snapshot.schema)
        return pl.lit(value=False) if expression is None else expression


def _link(source: str, target: str, file: DataFile) -> None:
    """The same bytes under the same name in another table."""
    if "://" not in source:
        here, there = location(source, file), Path(target) / unquote(file.path)
        try:
            os.link(here, there)
        except FileNotFoundError:
            raise
        except OSError:  # another disk, or a place without links
            there.write_bytes(Path(here).read_bytes())
        return
    from deltalake.fs import DeltaStorageHandler

    # By the store itself: the bytes do not come here. Both tables lie below one folder.
    parts = [table.rstrip("/").split("/") for table in (source, target)]
    common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(*parts, strict=False)))
    old, new = ("/".join([*table[common:], file.path]) for table in parts)
    handler = DeltaStorageHandler("/".join(parts[0][:common]))
    # Its own `copy_file` calls that of `_handler` by names that it has not, and its streams refuse pyarrow's buffers
    # (deltalake 1.6): nothing public copies. Where a later release has no `_handler`, its own is called; the
    # test of files that are copied in an object store says whether that works.
    copier: Any = getattr(handler, "_handler", handler)
    copier.copy_file(old, new)


def _known(file: DataFile) -> Digest:
    if file.digest is None:
        raise IntegrityError(f"The file {file.path} has no digest.")
    return file.digest
