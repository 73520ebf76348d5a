"""How a planned change becomes a version: the writer's turn, the commit of the files, and the records of it.

The rows are committed to the Delta table, then the version, its lineage and the audit entry in one record transaction.
A process that dies in between leaves a Delta version that no record names; nobody sees it, and the next write goes on
from the last recorded version.

Writers of one dataset take turns by a lease. Should one lose its turn (its lease ran out while it wrote), it is refused
by the table, or by the number that its version would get: each version is recorded as the one behind that from which it
was planned, or not at all. The change is then planned anew on what is the latest version by now.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any, Protocol

from millwright.core.errors import ConflictError, NotFoundError
from millwright.core.records.audit import LineageEdge, NodeKind
from millwright.core.records.dataset import DatasetKind, DatasetVersionRecord
from millwright.data.datasets.change import Base
from millwright.data.datasets.expectation import overtaken
from millwright.data.datasets.snapshot import open_snapshot
from millwright.data.datasets.table_digest import SCHEME
from millwright.data.datasets.version_profile import profile_at_once
from millwright.data.datasets.write_lock import write_lock

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import polars as pl

    from millwright.core.clock import Clock
    from millwright.core.ids import Digest
    from millwright.core.records.dataset import ColumnSchema, DatasetOperation
    from millwright.data.datasets.change import RowCounts
    from millwright.data.datasets.write_options import WriteOptions
    from millwright.storage.catalog import Stores

_ATTEMPTS = 20
_PAUSE_S = 0.05


class Planned(Protocol):
    """A version whose files are written: a `Change` or a `Restoration`."""

    @property
    def operation(self) -> DatasetOperation:
        """How it comes from its parent."""

    @property
    def parent(self) -> DatasetVersionRecord | None:
        """The version that it is made from."""

    @property
    def rows(self) -> int:
        """How many rows it has."""

    @property
    def columns(self) -> tuple[ColumnSchema, ...]:
        """Its columns."""

    @property
    def counts(self) -> RowCounts:
        """What becomes of the rows."""

    @property
    def frame(self) -> pl.DataFrame | None:
        """All rows, where they are at hand."""

    @property
    def behind(self) -> pl.DataFrame | None:
        """The rows that it has behind those of its parent, where that is all that changes."""

    @property
    def known_profile(self) -> Digest | None:
        """The profile, where another version with the same rows has one."""

    def identity(self) -> tuple[Digest, str | None]:
        """Its digest, and the digest's scheme when it is not the ordinary one."""

    def commit(self, uri: str) -> int:
        """Make it a version of the table, by its number; a `ConflictError` when others came first."""


class VersionWriter:
    """Writes versions of the datasets of one workspace; see the module for what happens when.

    Args:
        stores: Where the records are.
        root_url: The folder or URL below which each dataset has its Delta table.
        clock: Tells the time of records.
        actor: Who writes, for the audit log.
    """

    def __init__(self, *, stores: Stores, root_url: str, clock: Clock, actor: str) -> None:
        self.stores = stores
        self._root_url = root_url.rstrip("/")
        self._clock = clock
        self._actor = actor

    def write(
        self,
        dataset: str,
        plan: Callable[[DatasetVersionRecord | None], Planned | DatasetVersionRecord],
        *,
        kind: DatasetKind | None,
        options: WriteOptions,
    ) -> DatasetVersionRecord:
        """Make a version, or find that it is there.

        Args:
            dataset: The dataset's name.
            plan: Writes the files of the version that shall follow the given latest one, or gives the version that
                holds the rows already; it is called again when others came first.
            kind: What the rows are; None: as in the latest version.
            options: What else is known.

        Raises:
            ConflictError: Another process kept writing the dataset, or wrote what the options rule out.
            StorageError: A store cannot be used.
        """
        with write_lock(self.stores.leases, dataset, clock=self._clock, wait_s=options.wait_s):
            for attempt in range(1, _ATTEMPTS + 1):
                latest = self.latest(dataset)
                if options.cursor is not None:
                    options.cursor.check(self.stores.datasets)
                planned = plan(latest)
                if isinstance(planned, DatasetVersionRecord):
                    with self.stores.transactions.transaction():
                        self.stores.lineage.add(self._edges(planned, options, (), self._clock.now()))
                        if options.cursor is not None:
                            options.cursor.put(self.stores.datasets)
                    return planned
                try:
                    return self._commit(dataset, planned, latest, kind=kind, options=options)
                except ConflictError:
                    if attempt == _ATTEMPTS:
                        raise
                    # Two that lost their turns would undo each other's unrecorded commits for ever in the same rhythm.
                    time.sleep(random.uniform(0, _PAUSE_S * attempt))  # noqa: S311 - no secret
            raise AssertionError

    def latest(self, dataset: str) -> DatasetVersionRecord | None:
        """The newest version; None when there is none."""
        try:
            return self.stores.datasets.get_version(dataset)
        except NotFoundError:
            return None

    def base(self, record: DatasetVersionRecord) -> Base:
        """A version to start a change from."""
        return Base(record=record, snapshot=open_snapshot(self.table_url(record.table_uri), record.table_version))

    def table_url(self, uri: str) -> str:
        """Where a table is; records name those below the root by their folder there."""
        is_whole = "://" in uri or uri.startswith("/")
        return uri if is_whole else f"{self._root_url}/{uri}"

    def _commit(
        self,
        dataset: str,
        planned: Planned,
        latest: DatasetVersionRecord | None,
        *,
        kind: DatasetKind | None,
        options: WriteOptions,
    ) -> DatasetVersionRecord:
        source = planned.parent or latest
        table = dataset if source is None else source.table_uri
        table_version = planned.commit(self.table_url(table))
        digest, scheme = planned.identity()
        details: dict[str, Any] = dict(options.details)
        for name in ("added", "updated", "removed", "unchanged"):
            details[name] = getattr(planned.counts, name)
        if scheme is not None:
            details[SCHEME] = scheme
        draft = DatasetVersionRecord(
            dataset=dataset,
            version=0,  # the store gives the next free one
            kind=kind or (DatasetKind.TABLE if source is None else source.kind),
            digest=digest,
            table_uri=table,  # relative, so that a workspace can be moved
            table_version=table_version,
            rows=planned.rows,
            columns=planned.columns,
            created_at=self._clock.now(),
            source_uri=options.source_uri,
            source_digest=options.source_digest,
            produced_by=options.step_run_id,
            details=details,
            operation=planned.operation,
            parent=None if planned.parent is None else planned.parent.version,
            profile=planned.known_profile or profile_at_once(planned, self.stores),
            contract=options.contract_ref,
        )
        return self._record(draft, options, after=0 if latest is None else latest.version)

    def _record(self, draft: DatasetVersionRecord, options: WriteOptions, *, after: int) -> DatasetVersionRecord:
        now = draft.created_at
        with self.stores.transactions.transaction():
            record = self.stores.datasets.create_version(draft)
            if record.version != after + 1:
                raise overtaken(draft.dataset, after, self.stores)
            if options.cursor is not None:
                options.cursor.put(self.stores.datasets)
            parents = () if record.parent is None else (f"{record.dataset}@{record.parent}",)
            self.stores.lineage.add(self._edges(record, options, parents, now))
            self.stores.audit.append(
                at=now,
                actor=self._actor,
                action="dataset.write",
                subject=record.ref,
                details={
                    "kind": record.kind.value,
                    "operation": record.operation.value,
                    "rows": record.rows,
                    "digest": record.digest,
                    "source_uri": record.source_uri,
                    "source_digest": record.source_digest,
                },
            )
        return record

    @staticmethod
    def _edges(
        record: DatasetVersionRecord, options: WriteOptions, parents: tuple[str, ...], now: datetime
    ) -> list[LineageEdge]:
        """What the version came from; the same rows from another source add that source."""
        origins = []
        if options.source_digest is not None:
            origins.append((NodeKind.SOURCE, f"{options.source_uri or ''}#{options.source_digest}", "read"))
        origins.extend((NodeKind.SOURCE, f"{file.uri}#{file.digest}", "read") for file in options.files)
        if options.step_run_id is not None and record.produced_by in {None, options.step_run_id}:
            origins.append((NodeKind.STEP_RUN, options.step_run_id, "wrote"))
        refs = dict.fromkeys((*parents, *options.derived_from))
        origins.extend((NodeKind.DATASET, ref, "derived") for ref in refs)
        return [
            LineageEdge(
                source_kind=source_kind,
                source_id=identifier,
                relation=relation,
                target_kind=NodeKind.DATASET,
                target_id=record.ref,
                at=now,
            )
            for source_kind, identifier, relation in origins
        ]
