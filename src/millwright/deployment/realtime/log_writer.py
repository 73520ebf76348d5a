"""The prediction log's writer: off the hot path, in batches, with bounded memory.

What a request leaves here is a record of some hundred bytes. Large batches of rows become one file each, so that many
of them share what a file costs; see `LogQueue` for what is between.
"""

from __future__ import annotations

import logging
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Event, Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, Protocol

from millwright.core.errors import ServiceUnavailableError
from millwright.deployment.realtime.log_queue import LogQueue

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from millwright.core.records.prediction import PredictionColumns, PredictionRecord
    from millwright.deployment.realtime.log_batch import LogBatch
    from millwright.deployment.realtime.log_entry import LogSource
    from millwright.deployment.realtime.log_record import LogRow
    from millwright.deployment.realtime.log_rows import LogRows
    from millwright.deployment.realtime.log_table import LogTable

logger = logging.getLogger(__name__)

_IMPATIENT_ATTEMPTS = 2
_LOOK_S = 0.5


class PredictionSink(Protocol):
    """Where predictions are kept: the part of the prediction store that the writer needs."""

    def append(self, records: Sequence[PredictionRecord]) -> None:
        """Add predictions durably."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class LogOptions:
    """How predictions are logged.

    Attributes:
        flush_s: About the longest time that a prediction waits in memory, in seconds. Where nothing comes for half a
            second, what waits is written at once.
        batch_rows: Most rows in one batch; so many waiting ones are written before that time is over. Each batch
            costs some milliseconds beside its rows, so that small ones cost throughput.
        max_rows: Most rows in memory; what comes beyond is shed and counted.
        max_bytes: Most memory for them, estimated.
        attempts: How often a batch is tried before it counts as lost.
        retry_s: Wait before the second attempt; doubles for each further one.
    """

    flush_s: float = 5.0
    batch_rows: int = 50_000
    max_rows: int = 100_000
    max_bytes: int = 256 << 20
    attempts: int = 6
    retry_s: float = 0.1


class PredictionLogWriter:
    """Writes predictions to the log from a thread of its own.

    `offer` and `commit` are called from one thread (the event loop's); the counters may be read from any.

    Args:
        sink: The prediction store.
        options: Sizes and times.

    Attributes:
        offer_row: As `offer`, of one prediction by a version whose columns are plain.
        written: Rows that the store has acknowledged.
        lost: Rows whose batch could not be written.
    """

    def __init__(self, sink: PredictionSink, options: LogOptions | None = None) -> None:
        self._sink = sink
        self._options = options or LogOptions()
        self._wake = Event()
        self._queue = LogQueue(
            batch_rows=self._options.batch_rows,
            max_rows=self._options.max_rows,
            max_bytes=self._options.max_bytes,
            wake=self._wake.set,
        )
        # No call between: each request makes it.
        self.offer_row: Callable[[LogSource, LogRow], bool] = self._queue.put_row
        # Who waits for an acknowledgement of which rows, by their places among all rows taken in: first, end.
        self._waiting: deque[tuple[int, int, Future[None]]] = deque()
        self._closing = False
        self._thread = Thread(target=self._run, name="prediction-log", daemon=True)
        self.written = self.lost = 0  # by the log's thread only, so that no lock is needed

    @property
    def queued(self) -> int:
        """Rows in memory at present."""
        return self._queue.rows_in - self._queue.rows_out

    @property
    def shed(self) -> int:
        """Rows dropped because memory was full."""
        return self._queue.shed

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def offer(self, taken: LogRows | LogTable) -> bool:
        """Take predictions to be written soon.

        Returns:
            False when memory is full: they are shed, and counted.
        """
        if not self._queue.has_room(taken):
            return False
        self._queue.put(taken)
        return True

    def commit(self, taken: LogRows | LogTable) -> Future[None]:
        """Take predictions to be written now, together with whatever else is waiting.

        Returns:
            Done when the store has acknowledged them; it holds the store's error when it has not.

        Raises:
            ServiceUnavailableError: Memory is full of predictions that wait for the store.
        """
        if not self._queue.has_room(taken):
            raise ServiceUnavailableError(
                "The prediction log cannot keep up, and this server answers only what it has logged.",
                hint="Try again in a moment.",
            )
        done: Future[None] = Future()
        first = self._queue.rows_in
        # Before the rows, so that the thread cannot have written them unseen.
        self._waiting.append((first, first + len(taken), done))
        self._queue.put(taken)
        self._wake.set()
        return done

    def close(self, timeout_s: float = 30.0) -> bool:
        """Write what is waiting, then end.

        Args:
            timeout_s: Give up after this time; what is left is reported and lost.

        Returns:
            Whether all was written in time.
        """
        self._closing = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        if self.queued:
            logger.error("%d predictions could not be logged before the end", self.queued)
        return self.queued == 0

    def _run(self) -> None:
        queue, flush_s = self._queue, self._options.flush_s
        seen, empty_at = 0, monotonic()
        while True:
            is_woken = self._wake.wait(min(_LOOK_S, flush_s))
            self._wake.clear()
            closing = self._closing  # read before the queue is emptied: nothing is offered after it was set
            is_quiet = not is_woken and queue.rows_in == seen
            seen = queue.rows_in
            is_due = closing or self._waiting or is_quiet or monotonic() - empty_at >= flush_s
            if is_due or self.queued >= self._options.batch_rows:
                empty_at = monotonic()
                self._write(everything=bool(is_due))
            if closing and not self.queued:
                return

    def _write(self, *, everything: bool) -> None:
        """Batch by batch what waits, or as many as are full.

        What comes meanwhile waits for the next time: under a steady load it never ends, and would be written in batches
        of a few rows, each of which costs milliseconds.
        """
        end = self._queue.rows_in if everything else 0
        while self._queue.rows_out < end or self.queued >= self._options.batch_rows:
            batch = self._queue.take()
            if batch is None:
                return
            error = self._write_batch(batch)
            self._queue.done(batch)
            self._tell_waiting(error)

    def _write_batch(self, batch: LogBatch) -> Exception | None:
        """Write its parts; what went wrong with the last of those that are lost."""
        patient = not self._waiting
        try:
            parts = batch.parts()
        except Exception as error:  # a bug of ours must not end the log
            logger.exception("%d predictions are lost to the log", batch.rows)
            self.lost += batch.rows
            return error
        failure: Exception | None = None
        for columns in parts:
            trouble = self._append(columns, patient=patient)
            if trouble is None:
                self.written += len(columns)
            else:
                self.lost += len(columns)
                failure = trouble
        return failure

    def _tell_waiting(self, error: Exception | None) -> None:
        # Told of success when all its rows are written, of failure when the first of them are not.
        if error is None:
            while self._waiting and self._waiting[0][1] <= self._queue.rows_out:
                self._waiting.popleft()[2].set_result(None)
        else:
            while self._waiting and self._waiting[0][0] < self._queue.rows_out:
                self._waiting.popleft()[2].set_exception(error)

    def _append(self, columns: PredictionColumns, *, patient: bool) -> Exception | None:
        """Append, again and again if need be; impatiently when a caller waits for the answer."""
        failure: Exception | None = None
        wait_s = self._options.retry_s
        for attempt in range(1, (self._options.attempts if patient else _IMPATIENT_ATTEMPTS) + 1):
            if failure is not None:
                self._pause(wait_s)
                wait_s *= 2
            try:
                self._sink.append(columns)
            except Exception as error:  # noqa: BLE001 - whatever the store says
                logger.warning("Logging %d predictions failed (attempt %d): %s", len(columns), attempt, error)
                failure = error
            else:
                return None
        logger.error("%d predictions are lost to the log", len(columns))
        return failure

    def _pause(self, seconds: float) -> None:
        end = monotonic() + seconds
        while not self._closing and (left := end - monotonic()) > 0:
            sleep(min(left, 0.05))
