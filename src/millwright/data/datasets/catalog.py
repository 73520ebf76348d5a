"""The catalog of datasets: what makes new versions and finds those that are there.

Order of a write: the rows are committed to the Delta table, then the version, its lineage and the audit entry in one
record transaction. A process that dies in between leaves rows that no record names; nobody sees them, and the next
write goes on from the last recorded version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.core.ids import Digest, StepRunId
from millwright.core.records.audit import LineageEdge, NodeKind
from millwright.core.records.dataset import DatasetKind, DatasetVersionRecord
from millwright.data.datasets.content_digest import content_digest
from millwright.data.datasets.dataset import Dataset
from millwright.data.datasets.delta import commit
from millwright.data.datasets.name import checked_name, parse_ref
from millwright.data.datasets.normal_form import column_schemas, to_normal_form
from millwright.data.datasets.source import open_source, table_of
from millwright.data.datasets.write_lock import write_lock

if TYPE_CHECKING:
    from datetime import datetime

    from millwright.core.clock import Clock
    from millwright.storage.catalog import Stores

_WAIT_S = 600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class WriteOptions:
    """What is known about rows that are written.

    Attributes:
        source_uri: Where they came from, as the user named it.
        source_digest: Of the source's bytes.
        step_run_id: The step run that wrote them.
        derived_from: References (`name@3`) of the dataset versions that they were made of, for lineage.
        details: More facts for the record, JSON values.
        mode: Whether the new version holds these rows alone, or behind those of the latest version.
        wait_s: For how long to wait for another writer of the same dataset.
    """

    source_uri: str | None = None
    source_digest: Digest | None = None
    step_run_id: StepRunId | None = None
    derived_from: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    mode: Literal["overwrite", "append"] = "overwrite"
    wait_s: float = _WAIT_S


_DEFAULTS = WriteOptions()


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
        self._root_url = root_url.rstrip("/")
        self._clock = clock
        self._actor = actor

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
        raw = open_source(source)
        known = self._stores.datasets.find_by_source(dataset, raw.digest)
        if known is not None and known.kind is DatasetKind.SOURCE:
            return self._dataset(known)
        table = table_of(raw)
        options = WriteOptions(
            source_uri=source, source_digest=raw.digest, step_run_id=step_run_id, details={"format": table.format}
        )
        return self.write(table.frame, dataset, kind=DatasetKind.SOURCE, options=options)

    def write(
        self, frame: pl.DataFrame, dataset: str, *, kind: DatasetKind, options: WriteOptions = _DEFAULTS
    ) -> Dataset:
        """Record rows as a version of a dataset.

        Rows (with their order, column names and stored types) that a version of this kind holds already make no new
        one. To append is to write the latest version's rows with these behind them; the columns must be the same.

        Args:
            frame: The rows; may be none. Types that Delta tables lack are converted, see `to_normal_form`.
            dataset: The dataset's name.
            kind: What the rows are.
            options: What else is known.

        Raises:
            InvalidInputError: The name is none, or the rows cannot be stored or appended.
            ConflictError: Another process kept writing the dataset.
            StorageError: A store cannot be used.
        """
        checked_name(dataset)
        rows = to_normal_form(frame)
        with write_lock(self._stores.leases, dataset, clock=self._clock, wait_s=options.wait_s):
            latest = self._latest(dataset) if options.mode == "append" else None
            whole = rows if latest is None else _appended(self._dataset(latest).read(), rows, latest.ref)
            digest = content_digest(whole)
            known = self._stores.datasets.find_by_digest(dataset, digest)
            if known is not None and known.kind is kind:
                self._stores.lineage.add(self._edges(known, options, self._clock.now()))
                return self._dataset(known)
            uri = self._table_url(dataset)
            if latest is None:
                version = commit(uri, rows, mode="overwrite", base=None)
            else:
                version = commit(uri, rows, mode="append", base=latest.table_version)
            draft = DatasetVersionRecord(
                dataset=dataset,
                version=0,  # the store gives the next free one
                kind=kind,
                digest=digest,
                table_uri=dataset,  # relative, so that a workspace can be moved
                table_version=version,
                rows=whole.height,
                columns=column_schemas(whole),
                created_at=self._clock.now(),
                source_uri=options.source_uri,
                source_digest=options.source_digest,
                produced_by=options.step_run_id,
                details=options.details,
            )
            return self._dataset(self._record(draft, options))

    def get(self, ref: str) -> Dataset:
        """A version of a dataset.

        Args:
            ref: `name` for the latest version, `name@3` for a certain one.

        Raises:
            InvalidInputError: The reference is malformed.
            NotFoundError: There is no such dataset or version; the message names the closest dataset.
        """
        return self._dataset(self._stores.datasets.get_version(*parse_ref(ref)))

    def versions(self, dataset: str) -> list[Dataset]:
        """The versions of a dataset, newest first; empty when there is none."""
        return [self._dataset(record) for record in self._stores.datasets.list_versions(checked_name(dataset))]

    def _dataset(self, record: DatasetVersionRecord) -> Dataset:
        return Dataset(replace(record, table_uri=self._table_url(record.table_uri)))

    def _table_url(self, uri: str) -> str:
        is_whole = "://" in uri or uri.startswith("/")
        return uri if is_whole else f"{self._root_url}/{uri}"

    def _latest(self, dataset: str) -> DatasetVersionRecord | None:
        newest = self._stores.datasets.list_versions(dataset)
        return newest[0] if newest else None

    def _record(self, draft: DatasetVersionRecord, options: WriteOptions) -> DatasetVersionRecord:
        now = draft.created_at
        with self._stores.transactions.transaction():
            record = self._stores.datasets.create_version(draft)
            self._stores.lineage.add(self._edges(record, options, now))
            self._stores.audit.append(
                at=now,
                actor=self._actor,
                action="dataset.write",
                subject=record.ref,
                details={
                    "kind": record.kind.value,
                    "rows": record.rows,
                    "digest": record.digest,
                    "source_uri": record.source_uri,
                    "source_digest": record.source_digest,
                },
            )
        return record

    def _edges(self, record: DatasetVersionRecord, options: WriteOptions, now: datetime) -> list[LineageEdge]:
        """What the version came from; the same rows from another source add that source."""
        origins = []
        if options.source_digest is not None:
            origins.append((NodeKind.SOURCE, f"{options.source_uri or ''}#{options.source_digest}", "read"))
        if options.step_run_id is not None and record.produced_by in {None, options.step_run_id}:
            origins.append((NodeKind.STEP_RUN, options.step_run_id, "wrote"))
        origins.extend((NodeKind.DATASET, ref, "derived") for ref in options.derived_from)
        return [
            LineageEdge(
                source_kind=kind,
                source_id=identifier,
                relation=relation,
                target_kind=NodeKind.DATASET,
                target_id=record.ref,
                at=now,
            )
            for kind, identifier, relation in origins
        ]

    def list(self) -> list[Dataset]:
        """The latest version of every dataset, by name."""
        return [self._dataset(record) for record in self._stores.datasets.list_datasets()]


def _appended(old: pl.DataFrame, new: pl.DataFrame, ref: str) -> pl.DataFrame:
    if old.schema != new.schema:
        differing = [name for name in {**old.schema, **new.schema} if old.schema.get(name) != new.schema.get(name)]
        shown = "; ".join(
            f"'{name}' {old.schema.get(name, 'absent')}, {new.schema.get(name, 'absent')}" for name in differing[:5]
        )
        raise InvalidInputError(
            f"Expected the columns of {ref} in the rows to append, found others ({shown or 'their order differs'}).",
            hint="Bring the columns in line, or write the whole table anew.",
        )
    return pl.concat([old, new], rechunk=False)
