"""The catalog of datasets: what makes new versions and finds those that are there.

Path of a write: `DatasetCatalog.write` → `WritePlan` (checks, digest) → `VersionWriter.write` (the writer's turn) →
`append`, `merge`, `overwrite`, … (files) → `Change.commit` → one record transaction; see `version_writer`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import NotFoundError, closest
from millwright.core.progress import SilentProgress
from millwright.core.records.dataset import DatasetKind, DatasetVersionRecord
from millwright.data.datasets.batch_plan import plan_batches
from millwright.data.datasets.dataset import Dataset
from millwright.data.datasets.delete import delete
from millwright.data.datasets.expectation import overtaken
from millwright.data.datasets.name import checked_name, resolve
from millwright.data.datasets.restore import plan_restore
from millwright.data.datasets.version_profile import find_or_compute
from millwright.data.datasets.version_writer import Planned, VersionWriter
from millwright.data.datasets.write_options import WriteOptions
from millwright.data.datasets.write_plan import plan_write
from millwright.data.sources.source import load, open_source

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.clock import Clock
    from millwright.core.ids import StepRunId
    from millwright.core.progress import Progress
    from millwright.data.datasets.row_batches import RowBatches
    from millwright.data.profiles.record import TableProfile
    from millwright.storage.catalog import Stores

__all__ = ["DatasetCatalog", "WriteOptions"]

_DEFAULTS = WriteOptions()
_LONGEST_KEPT = 1000  # characters of a condition


class DatasetCatalog:
    """Dataset versions of one workspace.

    Thread-safe and process-safe: writers of one dataset take turns, writers of different datasets don't meet. When a
    method has returned, what it wrote survives `kill -9`.

    Args:
        stores: Where the records are.
        root_url: The folder or URL below which each dataset has its Delta table.
        clock: Tells the time of records.
        actor: Who writes, for the audit log.
    """

    def __init__(self, *, stores: Stores, root_url: str, clock: Clock, actor: str) -> None:
        self._stores = stores
        self._clock = clock
        self._writer = VersionWriter(stores=stores, root_url=root_url, clock=clock, actor=actor)

    def ingest(self, source: str, dataset: str, *, step_run_id: StepRunId | None = None) -> Dataset:
        """Read a source as it is and record it as a version of a dataset.

        The same bytes, or the same rows from other bytes, give the version that is there already, even when a later
        one exists.

        Args:
            source: A file or URL; see `read_source`.
            dataset: The dataset's name.
            step_run_id: The step run that does it.

        Raises:
            InvalidInputError: The source is no table that can be read, or the name is none.
            ConflictError: Another process kept writing the dataset.
            StorageError: A store cannot be used.
        """
        checked_name(dataset)
        with open_source(source) as found:
            if found.digest is not None:
                known = self._stores.datasets.find_by_source(dataset, found.digest)
                if known is not None and known.kind is DatasetKind.SOURCE and known.parent is None:
                    return self._dataset(known)
            table = load(found, SilentProgress())
        options = WriteOptions(
            source_uri=found.uri, source_digest=found.digest, step_run_id=step_run_id, details={"format": table.format}
        )
        return self.write(table.frame, dataset, kind=DatasetKind.SOURCE, options=options)

    def write(
        self,
        rows: pl.DataFrame | RowBatches,
        dataset: str,
        *,
        kind: DatasetKind,
        options: WriteOptions = _DEFAULTS,
    ) -> Dataset:
        """Record rows as a version of a dataset.

        The options' mode says how: `overwrite` (these rows alone), `append` (behind those of the latest version) or
        `merge` (by key). An overwrite with rows (their order, column names and stored types) that the latest version,
        or an older one of this kind that was written whole, holds already makes no new version; an append or merge
        that changes nothing does not either. The record counts the rows that were added, updated, removed, unchanged.

        A change costs what the files that it touches cost, see `append`, `merge` and `delete` beside.

        Rows in batches (a lazy frame, frames one after the other, Parquet files) are written as data files while they
        come, a few of them in memory at a time, and become a version when all are there. They may overwrite or append,
        without a key. Their first 64 MB tell the columns; when these are all, they are written like a frame. Of more,
        the version's digest is by files, and an overwrite finds the latest version with the same rows however that was
        written, but of older ones only those that came in batches, too. Their profile is made when it is asked for.

        Args:
            rows: The rows; may be none. Types that Delta tables lack are converted, see `to_normal_form`.
            dataset: The dataset's name.
            kind: What the rows are.
            options: What else is known.

        Raises:
            InvalidInputError: The name is none, or the rows cannot be stored or appended.
            ConflictError: Another process kept writing the dataset.
            StorageError: A store cannot be used.
        """
        checked_name(dataset)
        plan: Callable[[DatasetVersionRecord | None], Planned | DatasetVersionRecord]
        if isinstance(rows, pl.DataFrame):
            plan = plan_write(self._writer, rows, dataset, kind=kind, options=options)
        else:
            plan = plan_batches(self._writer, rows, dataset, kind=kind, options=options)
        return self._dataset(self._writer.write(dataset, plan, kind=kind, options=options))

    def delete(self, dataset: str, condition: str | pl.Expr, *, options: WriteOptions = _DEFAULTS) -> Dataset:
        """Record the latest version's rows without some as a version; older versions keep them.

        To take rows about a person out of every version, erase them instead.

        Args:
            dataset: The dataset's name.
            condition: What is true of the rows that go, as SQL such as `cost < 0` or as a Polars expression. Rows for
                which it is null stay. Its beginning is kept in the record's details as `where`.
            options: What else is known; `mode`, `key`, `evolve` and `contract` mean nothing here.

        Returns:
            The latest version itself, when the condition is true of no row.

        Raises:
            InvalidInputError: The name is none, or the condition cannot be used.
            NotFoundError: There is no such dataset.
            ConflictError: Another process kept writing the dataset, or wrote it since the expected version.
            StorageError: A store cannot be used.
        """
        checked_name(dataset)
        options = replace(options, details={**options.details, "where": str(condition)[:_LONGEST_KEPT]})

        def plan(latest: DatasetVersionRecord | None) -> Planned | DatasetVersionRecord:
            latest = self._newest(dataset, latest, options)
            return delete(self._writer.base(latest), condition) or latest

        return self._dataset(self._writer.write(dataset, plan, kind=None, options=options))

    def restore(self, ref: str, *, options: WriteOptions = _DEFAULTS) -> Dataset:
        """Make the rows of an older version those of a new one; nothing is copied.

        Args:
            ref: The older version, see `get`.
            options: What else is known; `mode`, `key`, `evolve` and `contract` mean nothing here.

        Returns:
            The latest version itself, when it has these rows.

        Raises:
            InvalidInputError: The reference is malformed.
            NotFoundError: There is no such dataset, version or tag.
            StateTransitionError: The rows of the older version were removed.
            IntegrityError: They are not there, though nobody said so.
            ConflictError: Another process kept writing the dataset, or wrote it since the expected version.
            StorageError: A store cannot be used.
        """
        target = resolve(self._stores.datasets, ref)
        options = replace(options, details={**options.details, "restored": target.ref})

        def plan(latest: DatasetVersionRecord | None) -> Planned | DatasetVersionRecord:
            latest = self._newest(target.dataset, latest, options)
            return plan_restore(target, latest, self._writer.base) or latest

        return self._dataset(self._writer.write(target.dataset, plan, kind=target.kind, options=options))

    def get(self, ref: str) -> Dataset:
        """A version of a dataset.

        Args:
            ref: `name` for the latest version, `name@3` for a certain one; a tag or a moment may stand behind the `@`,
                see `parse_ref`.

        Raises:
            InvalidInputError: The reference is malformed.
            NotFoundError: There is no such dataset, version or tag; the message names the closest.
        """
        return self._dataset(resolve(self._stores.datasets, ref))

    def profile(self, ref: str, *, progress: Progress | None = None) -> TableProfile:
        """The profile of a version; computed and kept on the first request, where that was not done while writing.

        Args:
            ref: See `get`.
            progress: Is told of each column, when all rows have to be profiled.

        Raises:
            InvalidInputError: The reference is malformed.
            NotFoundError: There is no such dataset, version or tag.
            IntegrityError: The rows, or the profile, are damaged or gone.
            ConflictError: Another process kept writing the dataset.
            StorageError: A store cannot be used.
        """
        record = resolve(self._stores.datasets, ref)
        opened = self._dataset(record).snapshot
        return find_or_compute(record, opened, self._stores, clock=self._clock, progress=progress or SilentProgress())

    def versions(self, dataset: str) -> list[Dataset]:
        """The versions of a dataset, newest first; empty when there is none."""
        return [self._dataset(record) for record in self._stores.datasets.list_versions(checked_name(dataset))]

    def list(self) -> list[Dataset]:
        """The latest version of every dataset, by name."""
        return [self._dataset(record) for record in self._stores.datasets.list_datasets()]

    def _newest(self, dataset: str, latest: DatasetVersionRecord | None, options: WriteOptions) -> DatasetVersionRecord:
        if latest is None:
            names = [record.dataset for record in self._stores.datasets.list_datasets()]
            raise NotFoundError(f"There is no dataset '{dataset}'.", hint=closest(dataset, names))
        if options.expected not in {None, latest.version}:
            raise overtaken(dataset, options.expected or 0, self._stores)
        return latest

    def _dataset(self, record: DatasetVersionRecord) -> Dataset:
        return Dataset(replace(record, table_uri=self._writer.table_url(record.table_uri)))
