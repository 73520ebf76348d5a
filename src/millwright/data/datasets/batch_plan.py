"""What a write of rows in batches makes of the latest version; it is asked again when others came first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.core.records.dataset import ColumnSchema, DatasetKind, DatasetOperation, DatasetVersionRecord
from millwright.data.datasets import layout
from millwright.data.datasets.change import Change, RowCounts
from millwright.data.datasets.data_file import write_file
from millwright.data.datasets.delta import ensure_table
from millwright.data.datasets.evolution import check_contract, conform, evolve
from millwright.data.datasets.expectation import overtaken
from millwright.data.datasets.normal_form import to_normal_form
from millwright.data.datasets.row_batches import RowBatches, frames_of, joined
from millwright.data.datasets.staged_rows import SAMPLE_ROWS, StagedRows, stage
from millwright.data.datasets.table_digest import is_by_files, table_digest
from millwright.data.datasets.version_writer import VersionWriter
from millwright.data.datasets.write_options import WriteOptions
from millwright.data.datasets.write_plan import plan_write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.data.datasets.change import Base
    from millwright.data.datasets.data_file import DataFile

Plan: TypeAlias = Callable[[DatasetVersionRecord | None], Change | DatasetVersionRecord]

WHOLE_BYTES = 64 << 20  # in memory: fewer rows are written as one frame


@dataclass(kw_only=True, slots=True)
class BatchPlan:
    """Staged rows that are to become a version.

    Attributes:
        writer: Who makes the version.
        dataset: The dataset's name.
        staged: The rows.
        head: Some of them, in normal form, which tell how they fit a version that came in between.
        former: The columns of the version that they were staged to be appended to.
        kind: What the rows are.
        options: How they are written.
        is_used: Whether a commit was tried with the staged files. They are never named twice.
    """

    writer: VersionWriter
    dataset: str
    staged: StagedRows
    head: pl.DataFrame
    former: pl.Schema | None
    kind: DatasetKind
    options: WriteOptions
    is_used: bool = False

    def __call__(self, latest: DatasetVersionRecord | None) -> Change | DatasetVersionRecord:
        """The version that follows the latest one, or the one that holds its rows already."""
        if latest is not None and self.options.mode == "append":
            change = self._append(self.writer.base(latest))
        else:
            expected = self.options.expected
            if expected is not None and expected != (0 if latest is None else latest.version):
                raise overtaken(self.dataset, expected, self.writer.stores)
            known = self._known(latest)
            if known is not None:
                if not self.is_used:
                    self.staged.discard()
                return known
            change = self._overwrite(latest)
        self.is_used = True
        return change

    def _overwrite(self, latest: DatasetVersionRecord | None) -> Change:
        schema = self.staged.schema
        if self.options.contract is not None:
            check_contract(schema, self.options.contract, ref=self.dataset)
        uri = self.writer.table_url(self.dataset if latest is None else latest.table_uri)
        ensure_table(uri, schema)
        self._place(uri, schema, 1)
        return Change(
            operation=DatasetOperation.APPEND if self.options.mode == "append" else DatasetOperation.OVERWRITE,
            base=None,
            schema=schema,
            added=self.staged.files,
            whole=True,
            counts=RowCounts(added=self.staged.rows, removed=0 if latest is None else latest.rows),
            columns=_columns(schema, self.staged.nullable),
        )

    def _append(self, base: Base) -> Change:
        former, schema = base.snapshot.schema, self.staged.schema
        if former != self.former:
            may, contract = self.options.evolve, self.options.contract
            schema = evolve(former, self.head, ref=base.record.ref, allowed=may, contract=contract).schema
        self._place(base.snapshot.uri, schema, _next_place(base))
        is_widened = any(schema[name] != dtype for name, dtype in former.items())
        whole = is_widened or base.is_old
        nullable = {column.name for column in base.record.columns if column.nullable} | self.staged.nullable
        if base.record.rows:
            nullable |= set(schema) - {column.name for column in base.record.columns}
        return Change(
            operation=DatasetOperation.APPEND,
            base=base,
            schema=schema,
            added=(*(_anew(base, schema) if whole else ()), *self.staged.files),
            removed=tuple(base.snapshot.files) if whole else (),
            whole=whole,
            counts=RowCounts(added=self.staged.rows, unchanged=base.record.rows),
            columns=_columns(schema, nullable),
        )

    def _place(self, uri: str, schema: pl.Schema, least: int) -> None:
        """Write the files anew when they lie elsewhere, have other columns or places, or were named already."""
        staged = self.staged
        is_first = staged.files[0].place == 1 if least == 1 else staged.files[0].place >= least
        if not self.is_used and staged.uri == uri and staged.schema == schema and is_first:
            return
        anew = stage(uri, staged.frames(), schema, place=least, step=staged.files[0].rows, ref=self.dataset)
        if not self.is_used:
            staged.discard()
        self.staged, self.is_used = anew, False

    def _known(self, latest: DatasetVersionRecord | None) -> DatasetVersionRecord | None:
        """The version that has these rows: one that was written like this, or the latest however it was."""
        staged = self.staged
        digest = table_digest(staged.schema, [(file.rows, file.digest) for file in staged.files if file.digest])
        known = self.writer.stores.datasets.find_by_digest(self.dataset, digest)
        if known is not None and known.kind is self.kind:
            return known
        if latest is None or latest.kind is not self.kind or latest.rows != staged.rows:
            return None
        snapshot = self.writer.base(latest).snapshot
        if snapshot.schema != staged.schema:
            return None
        step = staged.files[0].rows
        is_same_cut = is_by_files(latest.details) and all(file.rows == step for file in snapshot.files[:-1])
        return latest if not is_same_cut and staged.equals(snapshot.scan()) else None


def plan_batches(
    writer: VersionWriter, rows: RowBatches, dataset: str, *, kind: DatasetKind, options: WriteOptions
) -> Plan:
    """Write rows in batches as data files of a dataset's table, for a version to be made of them.

    Up to `WHOLE_BYTES` they are written as one frame.

    Args:
        writer: Who makes the version.
        rows: See `frames_of`; read once.
        dataset: The dataset's name.
        kind: What the rows are.
        options: How they are written.

    Raises:
        InvalidInputError: The rows cannot be stored, or have a key, which asks for all of them at once.
        StorageError: The table cannot be written.
    """
    if options.mode == "merge" or (options.key and options.mode == "overwrite"):
        raise InvalidInputError(
            "Expected the mode overwrite or append, without a key, for rows that come in batches.",
            hint="Merge frames that fit into memory, one after the other: write(frame, …) for each.",
        )
    frames = frames_of(rows)
    head, is_all = _head(frames)
    if is_all:
        return plan_write(writer, head, dataset, kind=kind, options=options)
    head = to_normal_form(head)
    step = layout.rows_per_file_like(head[:SAMPLE_ROWS])
    latest = writer.latest(dataset)
    schema, place, former = head.schema, 1, None
    uri = writer.table_url(dataset if latest is None else latest.table_uri)
    if latest is not None and options.mode == "append":
        base = writer.base(latest)
        place, former = _next_place(base), base.snapshot.schema
        ref, allowed = latest.ref, options.evolve
        schema = evolve(former, head, ref=ref, allowed=allowed, contract=options.contract).schema
    else:
        ensure_table(uri, schema)
    staged = stage(uri, chain([head], frames), schema, place=place, step=step, ref=dataset)
    return BatchPlan(
        writer=writer,
        dataset=dataset,
        staged=staged,
        head=head[:SAMPLE_ROWS],
        former=former,
        kind=kind,
        options=options,
    )


def _head(frames: Iterator[pl.DataFrame]) -> tuple[pl.DataFrame, bool]:
    """The first rows, and whether they are all."""
    held: list[pl.DataFrame] = []
    size = 0
    for frame in frames:
        held.append(frame)
        size += int(frame.estimated_size())
        if size > WHOLE_BYTES:
            return joined(held), False
    if not held:
        raise InvalidInputError("Expected a frame, found none.", hint="Give one with columns, if without rows.")
    return joined(held), True


def _next_place(base: Base) -> int:
    """Behind the last file, also when the files of an older release are numbered."""
    return max(base.next_place, len(base.snapshot.files) + 1)


def _anew(base: Base, schema: pl.Schema) -> Iterator[DataFile]:
    """The files of a version with other types, one at a time."""
    for place, file in enumerate(base.snapshot.files, start=1):
        yield write_file(base.snapshot.uri, conform(base.snapshot.read_file(file), schema), place)


def _columns(schema: pl.Schema, nullable: set[str] | frozenset[str]) -> tuple[ColumnSchema, ...]:
    return tuple(ColumnSchema(name=name, dtype=str(dtype), nullable=name in nullable) for name, dtype in schema.items())
