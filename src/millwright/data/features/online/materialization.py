"""Bringing a view's newest values online: only what is new, and again from where a killed process was.

What is new is told by what the online store itself says was brought there:

- the same dataset version: rows that became known since;
- a version with rows appended: those, and rows that became known since; where a transformation may look at other rows
  than the one it computes, everything is computed anew;
- any other version, or one from which rows were erased since: everything anew. Each key's row replaces the one online,
  even a newer one, and keys that the dataset has no more are forgotten. What had been pushed to the online store alone
  is lost then. What is pushed meanwhile stays: the version that has it is read thereafter; without, whoever pushes puts
  it again.

A pass is written down before it begins. One that is killed is taken up by the next, with the same dataset version and
the same end: rows that were put are put again, which changes nothing, as the store keeps the newest.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import msgspec
import polars as pl

from millwright.core.clock import Clock
from millwright.core.errors import ConflictError, InvalidInputError, MillwrightError, NotFoundError
from millwright.core.ids import MaterializationId, new_id
from millwright.core.progress import Progress
from millwright.core.records.dataset import DatasetOperation, DatasetState
from millwright.core.records.feature import MaterializationRecord, MaterializationState
from millwright.data.datasets.catalog import DatasetCatalog
from millwright.data.engines.engine import EngineOptions
from millwright.data.engines.scratch import scratch_folder
from millwright.data.features.coding import key_types, micros, moment_of
from millwright.data.features.online.event import add_events, events_by_key, rebuilt_rows, refuse_events_without_ids
from millwright.data.features.online.newest import known_rows, newest_per_key, online_rows
from millwright.data.features.online.place import PendingPass, PlaceState, place_of, read_state, write_state
from millwright.data.features.stream_view import StreamFeatureView
from millwright.data.features.view_rows import created_column, view_rows, view_rows_on_disk
from millwright.storage.base.features import FeatureDefinitionStore
from millwright.storage.base.online import OnlineStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from millwright.core.progress import ProgressTask
    from millwright.core.records.dataset import DatasetVersionRecord
    from millwright.data.datasets.dataset import Dataset
    from millwright.data.features.online.place import StoredView
    from millwright.data.features.view import FeatureView
    from millwright.storage.base.online import OnlineRow

_BATCH = 200_000  # rows that are read at a time
_MOST_WAITING = 500_000  # newest rows in memory
_MOST_UNWRITTEN = 5_000_000  # rows between two notes of how far it is
_ROWS_A_PART = 5_000_000  # of a rebuild: so many rows of the table per pass over it
_PART = "__millwright_part"


@dataclass(frozen=True, kw_only=True, slots=True)
class Means:
    """What a materialization works with.

    Attributes:
        store: Where values are brought.
        datasets: Where they come from.
        definitions: Where materializations are noted.
        engine: How the engine of a transformation is chosen, and what it may use.
    """

    store: OnlineStore
    datasets: DatasetCatalog
    definitions: FeatureDefinitionStore
    clock: Clock
    progress: Progress
    engine: EngineOptions = field(default_factory=EngineOptions)


class Materialization:
    """Brings one view online. For whoever holds the view's lock.

    Args:
        means: What it works with.
        view: What is brought.
        version: The view's version, for the record.
        renew: Called after every batch.
    """

    def __init__(self, means: Means, view: StoredView, version: int, renew: Callable[[], None]) -> None:
        self._means = means
        self._view = view
        self._version = version
        self._renew = renew
        self._place = place_of(view)

    def run(self, until: datetime | None = None, *, rebuild: bool = False) -> list[MaterializationRecord]:
        """Bring everything online that was known at a moment.

        Args:
            until: The moment; the present when None.
            rebuild: Compute everything anew, whatever is online.

        Returns:
            The passes: first that of a killed process, if one was left.

        Raises:
            NotFoundError: The view's dataset is not there.
            ConflictError: What is online is another workspace's.
            InvalidInputError: The moment is still to come, or more is online than was known at it; or the dataset does
                not fit the view.
            StorageError: A store cannot be used.
        """
        now = self._means.clock.now()
        if until is not None and micros(until) > micros(now):
            raise InvalidInputError(
                f"Expected a moment that has passed, found {until.isoformat()}; it is {now.isoformat()}.",
                hint="Rows that become known later are brought online then: leave the moment out, and run it again.",
            )
        passes = []
        self._close_dead()
        state = read_state(self._means.store, self._place)
        if state is not None and state.pending is not None and not rebuild and self._readable(state.pending):
            passes.append(self._recorded(state, state.pending))
        latest = self._means.datasets.get(self._view.source)
        while True:
            state = read_state(self._means.store, self._place) or PlaceState(key_types=())
            if not rebuild:
                self._refuse_foreign(state)
            begun = self._next(state, latest, self._until(state, until, rebuild=rebuild), rebuild=rebuild)
            passes.append(self._recorded(state, begun))
            source, latest = latest, self._means.datasets.get(self._view.source)
            # Rows that were pushed while others were replaced are in a later version, and may be online no more.
            if not begun.rebuild or (source.record.ref, source.record.digest) == (
                latest.record.ref,
                latest.record.digest,
            ):
                return passes
            rebuild = False

    def _until(self, state: PlaceState, until: datetime | None, *, rebuild: bool) -> int:
        """The pass's end: for whoever has read the dataset's latest version, so that none of its rows is too new."""
        until_us = micros(self._means.clock.now() if until is None else until)
        if rebuild or state.until_us is None or until_us >= state.until_us:
            return until_us
        if until is None:
            return state.until_us  # the clock of another machine may be ahead
        raise InvalidInputError(
            f"'{self._view.name}' is online as of {moment_of(state.until_us).isoformat()}, which is later.",
            hint="To go back, compute it anew: --rebuild",
        )

    def _refuse_foreign(self, state: PlaceState) -> None:
        """Two workspaces with one prefix would each take the other's values for its own."""
        if state.source and not self._is_own(state.source, state.digest):
            raise ConflictError(
                f"'{self._view.name}' is online from {state.source} of another workspace.",
                hint="Give each a prefix of its own in the setting 'online', such as ?prefix=team_a; to take the place "
                "over: --rebuild",
            )

    def _is_own(self, source: str, digest: str) -> bool:
        try:
            record = self._means.datasets.get(source).record
        except NotFoundError:
            return False
        return digest in {record.digest, *_former_digests(record)}

    def _close_dead(self) -> None:
        """Whoever holds the lock knows that no other pass is running."""
        for record in self._means.definitions.list_materializations(self._view.name):
            if record.state is MaterializationState.RUNNING and record.view_version == self._version:
                now = self._means.clock.now()
                ended = replace(record, state=MaterializationState.FAILED, error="Its process ended.", ended_at=now)
                self._means.definitions.update_materialization(ended)

    def _next(self, state: PlaceState, latest: Dataset, until_us: int, *, rebuild: bool) -> PendingPass:
        source, digest = latest.record.ref, latest.record.digest
        # Without a pass that ended, rows may be online that were pushed, or put by one that cannot be taken up.
        replaces = rebuild or bool(state.source or state.pending or _former_digests(latest.record))
        anew = PendingPass(source=source, digest=digest, since_us=None, behind=0, until_us=until_us, rebuild=replaces)
        if rebuild or not state.source:
            return anew
        since = msgspec.structs.replace(anew, since_us=state.until_us, behind=state.rows, rebuild=False)
        if state.source == source:
            return since if state.digest == digest else anew
        row_by_row = isinstance(self._view, StreamFeatureView) or self._view.transform is None
        return since if row_by_row and self._appended(latest, state) else anew

    def _appended(self, latest: Dataset, state: PlaceState) -> bool:
        """Whether a version is the one that is online with rows behind it, which say no more than its own."""
        rows = view_rows(self._view, latest)
        created = created_column(self._view, rows.collect_schema().names())
        if (tuple(key_types(rows, self._view.keys)), created) != (state.key_types, state.created):
            return False
        record = latest.record
        while record.operation is DatasetOperation.APPEND and record.parent is not None:
            if _former_digests(record):
                return False  # what was erased from the rows behind may have been pushed
            record = self._means.datasets.get(f"{record.dataset}@{record.parent}").record
            if record.ref == state.source:
                return record.rows == state.rows and record.digest == state.digest
        return False

    def _readable(self, pending: PendingPass) -> bool:
        try:
            record = self._means.datasets.get(pending.source).record
        except MillwrightError:
            return False
        return record.state is DatasetState.AVAILABLE and record.digest == pending.digest

    def _recorded(self, state: PlaceState, pending: PendingPass) -> MaterializationRecord:
        definitions, clock = self._means.definitions, self._means.clock
        record = MaterializationRecord(
            id=MaterializationId(new_id()),
            view=self._view.name,
            view_version=self._version,
            source=pending.source,
            since=None if pending.since_us is None else moment_of(pending.since_us),
            until=moment_of(pending.until_us),
            state=MaterializationState.RUNNING,
            started_at=clock.now(),
        )
        definitions.add_materialization(record)
        try:
            dataset = self._means.datasets.get(pending.source)
            rows, entities = self._bring(state, pending, dataset)
        except BaseException as error:
            failed = replace(record, state=MaterializationState.FAILED, error=str(error)[:500], ended_at=clock.now())
            definitions.update_materialization(failed)
            if isinstance(error, pl.exceptions.PolarsError):
                raise InvalidInputError(
                    f"The rows of '{self._view.name}' cannot be computed: {str(error).splitlines()[0][:300]}",
                    hint="Does each feature's type hold its values?",
                ) from error
            raise
        done = replace(record, state=MaterializationState.DONE, rows=rows, entities=entities, ended_at=clock.now())
        definitions.update_materialization(done)
        return done

    def _bring(self, state: PlaceState, pending: PendingPass, dataset: Dataset) -> tuple[int, int]:
        with scratch_folder(self._means.engine.scratch) as folder:
            return self._bring_rows(state, pending, dataset, self._new_rows(pending, dataset, folder))

    def _bring_rows(
        self, state: PlaceState, pending: PendingPass, dataset: Dataset, rows: pl.LazyFrame
    ) -> tuple[int, int]:
        view = self._view
        state = msgspec.structs.replace(
            state,
            key_types=tuple(key_types(rows, view.keys)),
            pending=pending,
            rebuild=new_id() if pending.rebuild else state.rebuild,
        )
        write_state(self._means.store, self._place, state)
        with self._means.progress.task(f"materialize {view.name}", total=dataset.record.rows) as task:
            if isinstance(view, StreamFeatureView) and view.event_id is None:
                counts = self._rebuild_tiles(view, pending, rows, dataset, task)
            elif pending.rebuild:
                counts = self._rebuild(pending, rows, dataset, task)
            else:
                counts = self._follow(state, pending, rows, task)
        self._renew()
        ended = PlaceState(
            key_types=state.key_types,
            source=pending.source,
            digest=dataset.record.digest,
            until_us=pending.until_us,
            rows=dataset.record.rows,
            created=created_column(view, rows.collect_schema().names()),
            rebuild=state.rebuild,
        )
        write_state(self._means.store, self._place, ended)
        return counts

    def _new_rows(self, pending: PendingPass, dataset: Dataset, folder: Path) -> pl.LazyFrame:
        view = self._view
        if pending.since_us is None or pending.behind >= dataset.record.rows:
            rows = view_rows_on_disk(view, dataset, folder, self._means.engine)
            return known_rows(view, rows, since_us=pending.since_us, until_us=pending.until_us)
        source = dataset.scan()
        before = view_rows(view, source.slice(0, pending.behind))
        behind = view_rows(view, source.slice(pending.behind))
        return pl.concat(
            [
                known_rows(view, before, since_us=pending.since_us, until_us=pending.until_us),
                known_rows(view, behind, since_us=None, until_us=pending.until_us),
            ]
        )

    def _follow(
        self, state: PlaceState, pending: PendingPass, rows: pl.LazyFrame, task: ProgressTask
    ) -> tuple[int, int]:
        """Put the newest of what is new; the store compares it with what is there."""
        read, unwritten, entities = pending.done, 0, 0
        waiting: pl.DataFrame | None = None
        for batch in _batches(rows.slice(pending.done) if pending.done else rows):
            read += batch.height
            unwritten += batch.height
            waiting = self._reduced(waiting, batch)
            if waiting.height >= _MOST_WAITING or unwritten >= _MOST_UNWRITTEN:
                entities += self._put(waiting, pending)
                waiting, unwritten = None, 0
                done = msgspec.structs.replace(pending, done=read if _is_ordered(self._view) else 0)
                write_state(self._means.store, self._place, msgspec.structs.replace(state, pending=done))
            self._renew()
            task.advance(batch.height, note=f"{read:,} rows")
        if waiting is not None:
            entities += self._put(waiting, pending)
        return read, entities

    def _reduced(self, waiting: pl.DataFrame | None, batch: pl.DataFrame) -> pl.DataFrame:
        if isinstance(self._view, StreamFeatureView):
            return batch if waiting is None else pl.concat([waiting, batch])
        newest = newest_per_key(self._view, batch)
        return newest if waiting is None else newest_per_key(self._view, pl.concat([waiting, newest]))

    def _put(self, rows: pl.DataFrame, pending: PendingPass) -> int:
        if isinstance(self._view, StreamFeatureView):
            refuse_events_without_ids(self._view, rows)
            events = events_by_key(self._view, rows, pending.until_us)
            add_events(self._means.store, self._place, self._view, events, pending.until_us)
            return len(events)
        return sum(self._means.store.put(self._place, put) for put in _in_parts(self._means.store, self._view, rows))

    def _rebuild(
        self, pending: PendingPass, rows: pl.LazyFrame, dataset: Dataset, task: ProgressTask
    ) -> tuple[int, int]:
        """Replace what is there, and forget keys that are no more."""
        read, kept = 0, set[bytes]()
        view: Any = self._view
        for part in self._parts(rows, dataset):
            waiting: pl.DataFrame | None = None
            for batch in _batches(part):
                read += batch.height
                waiting = (
                    pl.concat([waiting, batch])
                    if waiting is not None and isinstance(view, StreamFeatureView)
                    else self._reduced(waiting, batch)
                )
                self._renew()
                task.advance(batch.height, note=f"{read:,} rows")
            if waiting is None:
                continue
            if isinstance(view, StreamFeatureView):
                puts = iter([rebuilt_rows(view, events_by_key(view, waiting, pending.until_us), pending.until_us)])
            else:
                puts = _in_parts(self._means.store, view, waiting)
            for put in puts:
                self._means.store.put(self._place, put, replace=True)
                kept.update(row.key for row in put)
        self._forget(kept)
        return read, len(kept)

    def _rebuild_tiles(
        self, view: StreamFeatureView, pending: PendingPass, rows: pl.LazyFrame, dataset: Dataset, task: ProgressTask
    ) -> tuple[int, int]:
        """Events without ids cannot be taken in twice, so all are taken in anew when one is new."""
        if pending.since_us is not None and not rows.select(pl.len()).collect().item():
            return 0, 0
        every = known_rows(view, view_rows(view, dataset), since_us=None, until_us=pending.until_us)
        return self._rebuild(pending, every, dataset, task)

    def _parts(self, rows: pl.LazyFrame, dataset: Dataset) -> Iterator[pl.LazyFrame]:
        """The rows in parts that fit into memory; those of one key are in one part."""
        count = 1 + dataset.record.rows // _ROWS_A_PART
        if count == 1 or not self._view.keys:
            yield rows
            return
        part = pl.struct(self._view.keys).hash() % count
        for number in range(count):
            yield rows.filter(part == number)

    def _forget(self, kept: set[bytes]) -> None:
        store = self._means.store
        for gone in _chunks(key for key in store.iter_keys(self._place) if key not in kept):
            store.delete(self._place, gone)
            self._renew()


def _former_digests(record: DatasetVersionRecord) -> list[str]:
    """What a version's digest was before rows were erased from it."""
    return [entry["former_digest"] for entry in record.details.get("erased", ())]


def _is_ordered(view: StoredView) -> bool:
    """Whether the same rows come in the same order again."""
    return isinstance(view, StreamFeatureView) or view.transform is None


def _batches(rows: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    for batch in rows.collect_batches(chunk_size=_BATCH, maintain_order=True, engine="streaming"):
        if batch.height:
            yield batch


def _chunks(keys: Iterable[bytes]) -> Iterator[list[bytes]]:
    chunk: list[bytes] = []
    for key in keys:
        chunk.append(key)
        if len(chunk) == 1000:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _in_parts(store: OnlineStore, view: FeatureView, rows: pl.DataFrame) -> Iterator[list[OnlineRow]]:
    """Rows to put, not all at once: so many small objects cost memory, and the garbage collector's time."""
    return (online_rows(view, part) for part in rows.iter_slices(store.rows_a_put))
