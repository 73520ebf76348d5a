"""The prediction log's writer: off the hot path, in batches, with bounded memory."""

from __future__ import annotations

import logging
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Event, Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, Protocol

from millwright.core.errors import ServiceUnavailableError
from millwright.deployment.realtime.log_entry import ENTRY_BYTES, entries_size, entry_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.prediction import PredictionColumns, PredictionRecord
    from millwright.deployment.realtime.log_entry import LogEntry

logger = logging.getLogger(__name__)

_IMPATIENT_ATTEMPTS = 2


class PredictionSink(Protocol):
    """Where predictions are kept: the part of the prediction store that the writer needs."""

    def append(self, records: Sequence[PredictionRecord]) -> None:
        """Add predictions durably."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class LogOptions:
    """How predictions are logged.

    Attributes:
        flush_s: Longest time that a prediction waits in memory, in seconds.
        batch_rows: Most rows in one batch; so many waiting ones are written before that time is over. Each batch
            costs some milliseconds beside its rows, so that small ones cost throughput.
        max_rows: Most rows in memory; what comes beyond is shed and counted.
        max_bytes: Most memory for them, estimated.
        attempts: How often a batch is tried before it counts as lost.
        retry_s: Wait before the second attempt; doubles for each further one.
    """

    flush_s: float = 0.5
    batch_rows: int = 10_000
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
        written: Rows that the store has acknowledged.
        shed: Rows dropped because memory was full.
        lost: Rows whose batch could not be written.
    """

    def __init__(self, sink: PredictionSink, options: LogOptions | None = None) -> None:
        self._sink = sink
        self._options = options or LogOptions()
        self._entries: deque[LogEntry] = deque()
        # Who waits for an acknowledgement of which rows, by their places among all rows taken in: first, end.
        self._waiting: deque[tuple[int, int, Future[None]]] = deque()
        self._wake = Event()
        self._closing = False
        self._thread = Thread(target=self._run, name="prediction-log", daemon=True)
        # Each of these is written by one thread only, so that no lock is needed in the hot path.
        self._rows_in = self._bytes_in = self.shed = 0
        self._rows_out = self._bytes_out = self.written = self.lost = 0

    @property
    def queued(self) -> int:
        """Rows in memory at present."""
        return self._rows_in - self._rows_out

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def offer(self, entries: Sequence[LogEntry]) -> bool:
        """Take predictions to be written soon.

        Returns:
            False when memory is full: they are shed, and counted.
        """
        if not self._take_in(entries, None):
            return False
        if self._rows_in - self._rows_out >= self._options.batch_rows:
            self._wake.set()
        return True

    def offer_row(self, entry: LogEntry) -> bool:
        """As `offer`, of one prediction."""
        size = ENTRY_BYTES + len(entry[5]) + len(entry[6])
        waiting = self._rows_in - self._rows_out
        if waiting and not self._has_room(waiting, 1, size):
            self.shed += 1
            return False
        self._rows_in += 1
        self._bytes_in += size
        self._entries.append(entry)
        if waiting >= self._options.batch_rows:
            self._wake.set()
        return True

    def commit(self, entries: Sequence[LogEntry]) -> Future[None]:
        """Take predictions to be written now, together with whatever else is waiting.

        Returns:
            Done when the store has acknowledged them; it holds the store's error when it has not.

        Raises:
            ServiceUnavailableError: Memory is full of predictions that wait for the store.
        """
        done: Future[None] = Future()
        if not self._take_in(entries, done):
            raise ServiceUnavailableError(
                "The prediction log cannot keep up, and this server answers only what it has logged.",
                hint="Try again in a moment.",
            )
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

    def _take_in(self, entries: Sequence[LogEntry], done: Future[None] | None) -> bool:
        rows, size = len(entries), entries_size(entries)
        waiting = self._rows_in - self._rows_out
        # An empty queue takes any one request, so that a large one is not refused forever.
        if waiting and not self._has_room(waiting, rows, size):
            self.shed += rows
            return False
        if done is not None:  # before the rows, so that the thread cannot have written them unseen
            self._waiting.append((self._rows_in, self._rows_in + rows, done))
        self._rows_in += rows
        self._bytes_in += size
        self._entries.extend(entries)
        return True

    def _has_room(self, waiting: int, rows: int, size: int) -> bool:
        options = self._options
        return waiting + rows <= options.max_rows and self._bytes_in - self._bytes_out + size <= options.max_bytes

    def _run(self) -> None:
        while True:
            self._wake.wait(self._options.flush_s)
            self._wake.clear()
            closing = self._closing  # read before the queue is emptied: nothing is offered after it was set
            while self._entries:
                self._write_batch()
            if closing:
                return

    def _write_batch(self) -> None:
        count = min(len(self._entries), self._options.batch_rows)
        batch = [self._entries.popleft() for _ in range(count)]
        patient = not self._waiting
        error: Exception | None = None
        for columns in entry_columns(batch):
            failure = self._append(columns, patient=patient)
            if failure is None:
                self.written += len(columns)
            else:
                self.lost += len(columns)
                error = failure
        self._bytes_out += entries_size(batch)
        self._rows_out += count
        self._tell_waiting(error)

    def _tell_waiting(self, error: Exception | None) -> None:
        # Told of success when all its rows are written, of failure when the first of them are not.
        if error is None:
            while self._waiting and self._waiting[0][1] <= self._rows_out:
                self._waiting.popleft()[2].set_result(None)
        else:
            while self._waiting and self._waiting[0][0] < self._rows_out:
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
