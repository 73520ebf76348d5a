"""Writes down what a run does, and tells those who listen."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from millwright.core.errors import MillwrightError
from millwright.core.ids import StepRunId, new_id
from millwright.core.records.audit import LineageEdge, NodeKind
from millwright.core.records.pipeline import PipelineRunRecord, PipelineRunStatus, StepRunRecord, StepStatus
from millwright.pipelines.runner.telling import Telling

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.pipelines.runner.external import ExternalFile
    from millwright.storage.catalog import Stores

logger = logging.getLogger(__name__)

_DURABLE_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class _Ending:
    """A step's result that is to be written.

    Attributes:
        settle: Called in the transaction; gives a result that somebody else recorded meanwhile.
        accept: Told that result, in place of which the step's own is not recorded.
    """

    done: StepRunRecord
    edges: tuple[LineageEdge, ...]
    settle: Callable[[], StepRunRecord | None]
    accept: Callable[[StepRunRecord], None]


class _Pace:
    """Waits for the disk once in a while.

    Args:
        stores: Where records go.
        flush: Makes the blobs durable that records name.
    """

    def __init__(self, stores: Stores, flush: Callable[[], None]) -> None:
        self._transactions, self._flush = stores.transactions, flush
        self._waited_at = 0.0

    def waited(self) -> None:
        """The disk need not be waited for now."""
        self._waited_at = time.monotonic()

    @contextmanager
    def change(self, *, is_result: bool) -> Iterator[None]:
        """A transaction.

        Args:
            is_result: Who computes what is worth nothing after a power cut, and the next result makes all before it
                durable.
        """
        durable = is_result and time.monotonic() - self._waited_at >= _DURABLE_EVERY_S
        if durable:
            self._flush()
        with self._transactions.transaction(durable=durable):
            yield
        if durable:
            self.waited()


class Journal:
    """The records of one run.

    Cached steps are written together with the next change, so that a run of nothing but cached steps is two commits;
    and that a step has ended is written with the beginning of the next one, where that follows at once.
    What is written outlives the process at once. Of results that follow one another quickly the disk is waited for
    once in a while, and always when the run ends: a power cut costs what the last moment before it computed.

    Args:
        stores: Where records go.
        clock: The time.
        events: Who listens.
        on_step: Told each step's record.
        flush: Called before records that name blobs are written: makes these durable.
    """

    def __init__(
        self,
        stores: Stores,
        clock: Clock,
        events: EventBus,
        on_step: Callable[[StepRunRecord], None] | None,
        flush: Callable[[], None] = lambda: None,
    ) -> None:
        self._stores = stores
        self._flush = flush
        self._clock = clock
        self._pace = _Pace(stores, flush)
        self._telling = Telling(clock, events, on_step)
        self._pending: list[StepRunRecord] = []
        self._records: dict[str, StepRunRecord] = {}
        self._ending: _Ending | None = None
        self.run: PipelineRunRecord | None = None

    @property
    def steps(self) -> tuple[StepRunRecord, ...]:
        """The latest record of each step, in the order they were begun."""
        return tuple(self._records.values())

    def begin(self, record: PipelineRunRecord, *, is_new: bool = True) -> None:
        """The run begins, or is taken up again; a power cut that takes the note of it took nothing that it has done."""
        with self._stores.transactions.transaction(durable=False):
            if is_new:
                self._stores.pipelines.create_pipeline_run(record)
            else:
                self._stores.pipelines.update_pipeline_run(record)
        self.run = record
        self._pace.waited()
        self._telling.run(record, "pipeline.started")

    def start(self, record: StepRunRecord, claim: Callable[[], StepRunRecord | None]) -> StepRunRecord | None:
        """A step begins, unless the claim finds that it need not; what waits to be written is, as the same change.

        Args:
            record: The step run, running.
            claim: Called in the transaction; gives a result that can be taken in place of computing one.

        Returns:
            What the claim gave.
        """
        ending = self._ending
        with self._pace.change(is_result=ending is not None):
            other = self._write(ending) if ending is not None else None
            found = claim()
            if found is None:
                self._stores.pipelines.put_step_runs(() if ending is not None else self._pending)
                self._stores.pipelines.put_step_run(record)
        if ending is not None:
            self._ending = None
            self._tell_ended(ending, other)
        elif found is None:
            self._tell_pending()
        if found is None:
            self._tell(record)
        return found

    def cached(self, record: StepRunRecord, source: StepRunRecord) -> StepRunRecord:
        """A step takes an earlier result; written with the next change."""
        done = replace(
            record,
            status=StepStatus.CACHED,
            ended_at=self._clock.now(),
            outputs=source.outputs,
            cached_from=source.cached_from or source.id,
            summary=source.summary,
        )
        self._pending.append(done)
        self._records[done.step] = done
        return done

    def skipped(self, record: StepRunRecord, reason: str) -> None:
        """A step is not wanted; written with the next change."""
        now = self._clock.now()
        done = replace(record, status=StepStatus.SKIPPED, ended_at=now, summary={"skipped": reason})
        self._pending.append(done)
        self._records[done.step] = done

    def known(self, record: StepRunRecord) -> None:
        """A step of this run was finished by a process before this one; nothing is written."""
        self._records[record.step] = record

    def items(
        self, records: Sequence[StepRunRecord], edges: Iterable[LineageEdge], release: Callable[[], None]
    ) -> None:
        """Items of a mapped step have their results, as one change with what `release` does."""
        with self._change():
            self._stores.pipelines.put_step_runs(records)
            self._stores.lineage.add(tuple(edges))
            release()
        for record in records:
            self._tell(record)

    def complete(
        self,
        record: StepRunRecord,
        edges: Iterable[LineageEdge],
        settle: Callable[[], StepRunRecord | None] = lambda: None,
        accept: Callable[[StepRunRecord], None] = lambda _: None,
    ) -> None:
        """A step has its result: record, lineage and whatever `settle` does, as one change.

        It is written with the beginning of the next step, or when `write_ended` is called.

        Args:
            record: The step run with its outputs.
            edges: Where they came from.
            settle: Called in the transaction; gives a result that somebody else recorded meanwhile.
            accept: Told that result, if there is one; the step's own is not recorded then.
        """
        self.write_ended()
        done = replace(record, status=StepStatus.COMPLETED, ended_at=self._clock.now())
        self._ending = _Ending(done, tuple(edges), settle, accept)

    def write_ended(self) -> None:
        """Write down the step that has ended, unless that was done; what cannot be written is not tried again."""
        ending = self._ending
        if ending is None:
            return
        try:
            with self._pace.change(is_result=True):
                other = self._write(ending)
        except Exception:  # but what was interrupted is written when the run ends
            self._ending = None
            raise
        self._ending = None
        self._tell_ended(ending, other)

    def _write(self, ending: _Ending) -> StepRunRecord | None:
        other = ending.settle()
        self._stores.pipelines.put_step_runs(self._pending)
        if other is None:
            self._stores.pipelines.put_step_run(ending.done)
            self._stores.lineage.add(ending.edges)
        return other

    def _tell_ended(self, ending: _Ending, other: StepRunRecord | None) -> None:
        if other is None:
            self._tell(ending.done)
        self._tell_pending()  # what was found meanwhile because it ended
        if other is not None:
            ending.accept(other)

    def fail(
        self, record: StepRunRecord, error: str, *, status: PipelineRunStatus, release: Callable[[], None]
    ) -> None:
        """A step ends without a result, and with it the run."""
        stopped = StepStatus.FAILED if status is PipelineRunStatus.FAILED else StepStatus.INTERRUPTED
        done = replace(record, status=stopped, ended_at=self._clock.now(), error=error)
        with self._change():
            self._stores.pipelines.put_step_run(done)
            release()
            self._update(status, f"Step '{record.step}': {error}")
        self._tell(done)
        self._telling.run(self.run, "pipeline.failed")

    def fail_late(self, record: StepRunRecord, error: str) -> None:
        """A step fails after the run has."""
        done = replace(record, status=StepStatus.FAILED, ended_at=self._clock.now(), error=error)
        self._flush()
        self._stores.pipelines.put_step_run(done)
        self._tell(done)

    def finish(self, also: Callable[[], None] = lambda: None) -> None:
        """Every step is done.

        Args:
            also: Called in the same transaction.
        """
        with self._change():
            self._update(PipelineRunStatus.COMPLETED, None)
            also()
        self._telling.run(self.run, "pipeline.completed")

    def abort(self, status: PipelineRunStatus, error: str) -> None:
        """The run ends between two steps."""
        with self._change():
            self._update(status, error)
        self._telling.run(self.run, "pipeline.failed")

    def _update(self, status: PipelineRunStatus, error: str | None) -> None:
        if self.run is not None:
            self.run = replace(self.run, status=status, ended_at=self._clock.now(), error=error)
            self._stores.pipelines.update_pipeline_run(self.run)

    @contextmanager
    def _change(self) -> Iterator[None]:
        """A transaction that takes along what waits for the next change."""
        self._flush()
        ending = self._ending
        try:
            self.write_ended()
        except MillwrightError as error:
            logger.exception("The result of step '%s' could not be recorded", ending and ending.done.step)
            if ending is not None:
                text = f"its result could not be recorded: {error}"
                self._pending.append(replace(ending.done, status=StepStatus.FAILED, outputs=(), error=text))
        with self._stores.transactions.transaction():
            self._stores.pipelines.put_step_runs(self._pending)
            yield
        self._tell_pending()

    def _tell_pending(self) -> None:
        told, self._pending = self._pending, []
        for record in told:
            self._tell(record)

    def _tell(self, record: StepRunRecord) -> None:
        self._records[record.step] = record
        self._telling.step(record)


def new_step_run_id() -> StepRunId:
    """An id for a step run."""
    return StepRunId(new_id())


def value_edges(record: StepRunRecord, files: Sequence[ExternalFile]) -> list[LineageEdge]:
    """What a step run read and wrote, as lineage."""
    at = record.ended_at or record.started_at
    here = (NodeKind.STEP_RUN, str(record.id))
    read = [(NodeKind.VALUE, str(ref.digest)) for ref in record.inputs.values()]
    read += [(NodeKind.SOURCE, f"{file.uri}#{file.digest}") for file in files if file.digest]
    wrote = [(NodeKind.VALUE, str(ref.digest)) for ref in record.outputs]
    pairs = [(source, "read", here) for source in read] + [(here, "wrote", target) for target in wrote]
    return [
        LineageEdge(
            source_kind=source[0],
            source_id=source[1],
            relation=relation,
            target_kind=target[0],
            target_id=target[1],
            at=at,
        )
        for source, relation, target in dict.fromkeys(pairs)
    ]
