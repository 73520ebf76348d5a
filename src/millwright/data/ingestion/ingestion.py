"""Ingestion: a source becomes a version of a dataset, whole or what is new in it.

Reading the same source again makes no new version. An increment's rows and the cursor behind them are recorded in one
transaction, and only where the cursor still is what the reader found: neither a process that dies nor two that read at
once leave a row twice or out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import polars as pl

from millwright.core.credential import without_credentials
from millwright.core.errors import ConflictError, InvalidInputError, NotFoundError
from millwright.core.progress import SilentProgress
from millwright.core.records.dataset import DatasetKind, DatasetState, SourceCursorRecord
from millwright.data.datasets.ancestry import read_already
from millwright.data.datasets.content_digest import content_digest
from millwright.data.datasets.cursor_move import CursorMove
from millwright.data.datasets.name import checked_name
from millwright.data.datasets.normal_form import to_normal_form
from millwright.data.datasets.write_lock import write_lock
from millwright.data.datasets.write_options import WriteOptions
from millwright.data.ingestion.alignment import aligned
from millwright.data.ingestion.change_feed import read_changes
from millwright.data.ingestion.cursor_column import position_of, rows_behind
from millwright.data.ingestion.increment import Increment
from millwright.data.ingestion.new_files import read_new_files
from millwright.data.ingestion.request import Ingested, IngestOptions
from millwright.data.sources.frame import to_polars
from millwright.data.sources.request import SourceTable
from millwright.data.sources.source import load, load_in_batches, open_source, source_kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from millwright.core.clock import Clock
    from millwright.core.ids import Digest
    from millwright.core.progress import Progress, ProgressTask
    from millwright.data.datasets.catalog import DatasetCatalog
    from millwright.data.datasets.dataset import Dataset
    from millwright.data.sources.request import OpenedSource, SourceFile
    from millwright.storage.catalog import Stores

_PLAIN = IngestOptions()
_ATTEMPTS = 5
_WAIT_S = 600.0


class Ingestion:
    """Reads sources into the datasets of one workspace. Thread-safe and process-safe.

    Args:
        catalog: Writes the versions.
        stores: Where cursors and records are.
        clock: Tells the time of cursors.
        progress: Told of rows as they are read.
    """

    def __init__(
        self, *, catalog: DatasetCatalog, stores: Stores, clock: Clock, progress: Progress | None = None
    ) -> None:
        self._catalog = catalog
        self._stores = stores
        self._clock = clock
        self._progress = progress or SilentProgress()

    def add(self, source: Any, dataset: str, options: IngestOptions = _PLAIN) -> Ingested:
        """Read a source into a dataset.

        Args:
            source: An address as `read_source` takes it, or a table in memory as `to_polars` does.
            dataset: The dataset's name.
            options: How; read whole, as a version of its rows alone, by default.

        Returns:
            The version with the rows. When nothing is new, the version that has them: for whole reads the one that was
            made of the same source, even when a later one exists, and for increments the latest.

        Raises:
            InvalidInputError: The source cannot be read, the options don't go together, or the rows don't fit.
            MissingExtraError: A library for the source is not installed.
            ConflictError: Another process kept writing the dataset.
            StorageError: The source or a store cannot be reached.
        """
        checked_name(dataset)
        options.check()
        if not isinstance(source, str):
            return self._add_frame(source, dataset, options)
        if options.incremental:
            return self._add_increment(source, dataset, options)
        if options.effective_mode == "overwrite":
            followed = self._stores.datasets.find_cursor(dataset, cursor_name(source, options))
            if followed is not None:  # read whole in between: the next increment must go on from here
                anew = _as_followed(options, followed)
                return self._add_increment(source, dataset, anew, is_anew=True)
        with open_source(source, options.reading) as found:
            known = self._known(dataset, found.digest, options)
            if known is not None:
                return Ingested(dataset=known, rows=0, is_new=False)
            if options.effective_mode != "merge" and found.digest is not None:
                read = load_in_batches(found, self._progress)
                if read is not None:
                    return self._write_batches(dataset, found, read, options)
            table = load(found, self._progress)
        return self._write(dataset, table, options, files=found.files)

    def _add_frame(self, source: Any, dataset: str, options: IngestOptions) -> Ingested:
        if options.incremental or options.reading.given():
            raise InvalidInputError(
                "Expected options for a table in memory, found some for sources.",
                hint="Use mode and key only.",
            )
        table = SourceTable(to_polars(source), "memory", None, "frame")
        return self._write(dataset, table, options)

    def _known(self, dataset: str, digest: Digest | None, options: IngestOptions) -> Dataset | None:
        """The version that has a source's rows already; a merge finds out by itself what it changes."""
        if digest is None or options.effective_mode == "merge":
            return None
        if options.effective_mode == "overwrite":
            record = self._stores.datasets.find_by_source(dataset, digest)
            is_whole = record is not None and record.kind is DatasetKind.SOURCE and record.parent is None
            if record is None or not is_whole or record.state is not DatasetState.AVAILABLE:
                return None
            return self._catalog.get(record.ref)
        known = read_already(self._stores.datasets, dataset, digest)
        return None if known is None else self._catalog.get(dataset)

    def _write(
        self, dataset: str, table: SourceTable, options: IngestOptions, *, files: tuple[SourceFile, ...] = ()
    ) -> Ingested:
        latest = self._latest(dataset)
        frame = self._fitted(table.frame, latest, options)
        digest = table.digest or content_digest(to_normal_form(frame))
        writing = self._options(options, uri=table.uri, kind=table.format, digest=digest, files=files)
        return self._written(frame, dataset, writing, latest)

    def _write_batches(
        self,
        dataset: str,
        found: OpenedSource,
        read: tuple[Iterator[pl.DataFrame], str],
        options: IngestOptions,
    ) -> Ingested:
        """Write the rows of a large source while they come."""
        latest = self._latest(dataset)
        frames, kind = read
        digest = cast("Digest", found.digest)
        writing = self._options(options, uri=found.uri, kind=kind, digest=digest, files=found.files)
        fitted = (self._fitted(frame, latest, options) for frame in frames)
        written = self._catalog.write(fitted, dataset, kind=DatasetKind.SOURCE, options=writing)
        newest = 0 if latest is None else latest.record.version
        is_new = written.record.version > newest
        rows = int(written.record.details["added"]) if is_new else written.record.rows
        return Ingested(dataset=written, rows=rows, is_new=is_new)

    def _add_increment(self, source: str, dataset: str, options: IngestOptions, *, is_anew: bool = False) -> Ingested:
        name = cursor_name(source, options)
        for attempt in range(1, _ATTEMPTS + 1):
            before = self._stores.datasets.find_cursor(dataset, name)
            _check_kind(before, options)
            position = {} if before is None or is_anew else before.position
            with self._progress.task(f"Reading what is new in {without_credentials(source)}") as task:
                found = _read(source, options, position, task)
            try:
                return self._record(found, dataset, options, name, before)
            except ConflictError:
                if attempt == _ATTEMPTS or self._stores.datasets.find_cursor(dataset, name) == before:
                    raise
        raise AssertionError

    def _record(
        self,
        found: Increment | None,
        dataset: str,
        options: IngestOptions,
        name: str,
        before: SourceCursorRecord | None,
    ) -> Ingested:
        latest = self._latest(dataset)
        is_same = found is None or (found.frame.is_empty() and (found.removed is None or found.removed.is_empty()))
        if is_same and latest is None:
            raise InvalidInputError(
                "Expected rows for a new dataset, found none that are new."
                if before is not None
                else "Expected rows in the source, found none.",
                hint="Check what was asked for.",
            )
        if found is None:
            return Ingested(dataset=_there(latest), rows=0, is_new=False)
        move = CursorMove(
            before=before,
            after=SourceCursorRecord(
                dataset=dataset,
                source=name,
                kind=options.incremental,
                position=found.position,
                updated_at=self._clock.now(),
            ),
        )
        if is_same:
            with (
                write_lock(self._stores.leases, dataset, clock=self._clock, wait_s=_WAIT_S),
                self._stores.transactions.transaction(),
            ):
                move.put(self._stores.datasets)
            return Ingested(dataset=_there(latest), rows=0, is_new=False)
        frame = self._fitted(found.frame, latest, options)
        digest = content_digest(to_normal_form(frame))
        writing = self._options(options, uri=found.uri, kind=found.format, digest=digest, files=found.files)
        writing = replace(writing, cursor=move)
        if found.removed is not None and not found.removed.is_empty():
            gone = _gone(found, found.removed, _there(latest), writing.key)
            if not gone.is_empty():
                taken = self._take_out(gone, dataset, writing, is_last=frame.is_empty())
                if frame.is_empty():
                    newest = 0 if latest is None else latest.record.version
                    return Ingested(dataset=taken, rows=gone.height, is_new=taken.record.version > newest)
        return self._written(frame, dataset, writing, latest)

    def _take_out(self, gone: pl.DataFrame, dataset: str, writing: WriteOptions, *, is_last: bool) -> Dataset:
        """Delete rows by their keys.

        What is merged afterwards is a version of its own, which moves the cursor. Should the process die in between,
        the same change is read again, and these rows are gone already.
        """
        move = writing.cursor
        if not is_last and move is not None and move.before is not None:
            writing = replace(writing, cursor=CursorMove(before=move.before, after=move.before))
        keys = list(writing.key)
        is_gone = pl.struct(keys).is_in(gone.select(pl.struct(keys)).to_series().implode())
        return self._catalog.delete(dataset, is_gone, options=replace(writing, mode="overwrite", key=()))

    def _options(
        self, options: IngestOptions, *, uri: str, kind: str, digest: Digest, files: tuple[SourceFile, ...]
    ) -> WriteOptions:
        one = len(files) == 1 and (files[0].uri, files[0].digest) == (uri, digest)
        return WriteOptions(
            source_uri=uri,
            source_digest=digest,
            step_run_id=options.step_run_id,
            details={"format": kind},
            mode=options.effective_mode,
            key=options.key if options.effective_mode == "merge" else (),
            evolve=options.evolve,
            files=() if one else files,
        )

    def _written(self, frame: pl.DataFrame, dataset: str, writing: WriteOptions, latest: Dataset | None) -> Ingested:
        kind = DatasetKind.TABLE if writing.key else DatasetKind.SOURCE
        written = self._catalog.write(frame, dataset, kind=kind, options=writing)
        newest = 0 if latest is None else latest.record.version
        return Ingested(dataset=written, rows=frame.height, is_new=written.record.version > newest)

    def _latest(self, dataset: str) -> Dataset | None:
        try:
            return self._catalog.get(dataset)
        except NotFoundError:
            return None

    @staticmethod
    def _fitted(frame: pl.DataFrame, latest: Dataset | None, options: IngestOptions) -> pl.DataFrame:
        if latest is None or options.effective_mode == "overwrite":
            return frame
        return aligned(frame, latest.scan().collect_schema())


def cursor_name(source: str, options: IngestOptions) -> str:
    """What a cursor's record calls a source: its address without credentials, and what is read of it."""
    reading = options.reading
    if source_kind(source, reading) == "sql":
        from millwright.data.sources.sql import sql_uri

        return sql_uri(source, reading)
    return without_credentials(source) + (f"#sheet={reading.sheet}" if reading.sheet else "")


def _read(source: str, options: IngestOptions, position: Any, task: ProgressTask) -> Increment | None:
    if options.incremental == "files":
        may_change = options.effective_mode == "merge"
        return read_new_files(source, options.reading, position, task, may_change=may_change)
    if options.incremental == "changes":
        return read_changes(source, options.reading, position, task)
    return _read_behind(source, options, position, task)


def _read_behind(source: str, options: IngestOptions, position: Any, task: ProgressTask) -> Increment | None:
    last = position_of(options.column, position)
    with open_source(source, options.reading) as found:
        if source_kind(source, options.reading) == "sql":
            from millwright.data.sources.sql import read_sql

            kind = "sql"
            frame = read_sql(source, options.reading, task, column=options.column, least=last.value)
        else:
            frame, kind = found.load(task)
    fresh, reached = rows_behind(frame, last, kind)
    if fresh.is_empty():
        return None
    return Increment(frame=fresh, position=reached.as_json(), uri=found.uri, format=kind, files=found.files)


def _as_followed(options: IngestOptions, cursor: SourceCursorRecord) -> IngestOptions:
    """The options of a whole read as those of a first increment that writes its rows alone."""
    kind = cast("Literal['files', 'column', 'changes']", cursor.kind)
    return replace(options, mode="overwrite", incremental=kind, column=cursor.position.get("column", ""))


def _check_kind(before: SourceCursorRecord | None, options: IngestOptions) -> None:
    if before is not None and before.kind != options.incremental:
        raise InvalidInputError(
            f"Expected --incremental {before.kind}, as {before.source} was read into '{before.dataset}' before, found "
            f"{options.incremental}.",
            hint="Go on as before, or read into another dataset.",
        )


def _there(latest: Dataset | None) -> Dataset:
    if latest is None:
        raise NotFoundError("There is no version of the dataset to go on from.", hint="Read the source whole.")
    return latest


def _gone(found: Increment, removed: pl.DataFrame, latest: Dataset, key: tuple[str, ...]) -> pl.DataFrame:
    """The keys of the rows that are in the source no more, as the dataset has them; updated rows are not among them.

    Raises:
        InvalidInputError: There is no key by which to find the rows.
    """
    if not key:
        raise InvalidInputError(
            f"Expected rows that were only added to {found.uri}, found {removed.height:,} changed or removed.",
            hint="Say which columns identify a row: --key COLUMN.",
        )
    absent = [name for name in key if name not in removed.columns]
    if absent:
        raise InvalidInputError(f"There is no column '{absent[0]}' in the source.", hint="Name another key.")
    gone = removed.select(key).unique(maintain_order=True).join(found.frame.select(key), on=key, how="anti")
    schema = latest.scan().collect_schema()
    return to_normal_form(gone).cast(pl.Schema({name: schema[name] for name in key}))
