"""What waits for the prediction log, in bounded memory."""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import TYPE_CHECKING, Any

from millwright.deployment.realtime.log_batch import LogBatch
from millwright.deployment.realtime.log_entry import FIELDS
from millwright.deployment.realtime.log_table import LogTable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from millwright.deployment.realtime.log_entry import LogEntry

_TURNED_ROWS = 64
_TURNS = 8  # in a row for one caller


class LogQueue:
    """Takes entries from one thread and gives batches to another.

    Whoever brings the entry that makes sixty-four turns them into columns, in some thirty microseconds: the objects
    are in the processor's cache then, and their memory serves the next requests. The log's thread would have to fetch
    all of it, and the interpreter's lock, from the thread that answers: that cost about twice as much.

    Args:
        batch_rows: Most rows in one batch.
        max_rows: Most rows at all.
        max_bytes: Most memory for them, as entries are counted.
        wake: Called when there is a whole batch, or more to be turned into columns than one caller should wait for.

    Attributes:
        rows_in: Rows taken in so far.
        rows_out: Those of them that have left.
        shed: Rows that were not taken in.
    """

    def __init__(self, *, batch_rows: int, max_rows: int, max_bytes: int, wake: Callable[[], None]) -> None:
        self._batch_rows, self._max_rows, self._max_bytes, self._wake = batch_rows, max_rows, max_bytes, wake
        # Field behind field: a tuple for each entry would be one more thing for the garbage collector to look through.
        # Entries are added by a single step of the interpreter and, under the lock, taken by two.
        self._entries: list[Any] = []
        self._turned_fields = FIELDS * min(_TURNED_ROWS, batch_rows)
        self._batch = LogBatch()
        self._full: deque[LogBatch] = deque()
        self._lock = Lock()
        # Each of these is written by one thread only, so that no lock is needed for them.
        self.rows_in = self._bytes_in = self.shed = 0
        self.rows_out = self._bytes_out = 0

    def put_row(self, entry: LogEntry) -> bool:
        """Take one entry; False when there is no room for it."""
        size = entry[-1]
        waiting = self.rows_in - self.rows_out
        if waiting and (waiting >= self._max_rows or self._bytes_in - self._bytes_out + size > self._max_bytes):
            self.shed += 1
            return False
        self.rows_in += 1
        self._bytes_in += size
        entries = self._entries
        entries += entry
        if len(entries) >= self._turned_fields:
            self._turn()
        return True

    def has_room(self, entries: Sequence[LogEntry] | LogTable) -> bool:
        """Whether entries are taken; they are counted as shed otherwise. An empty queue takes any one request's."""
        waiting, size = self.rows_in - self.rows_out, _size(entries)
        if waiting and (
            waiting + len(entries) > self._max_rows or self._bytes_in - self._bytes_out + size > self._max_bytes
        ):
            self.shed += len(entries)
            return False
        return True

    def put(self, entries: Sequence[LogEntry] | LogTable) -> None:
        """Take entries for which there is room."""
        self.rows_in += len(entries)
        self._bytes_in += _size(entries)
        if isinstance(entries, LogTable):
            self._put_table(entries)
            return
        self._entries += [field for entry in entries for field in entry]
        if len(self._entries) >= self._turned_fields:
            self._turn()

    def turn(self) -> None:
        """Turn into columns what is more than one caller should wait for."""
        while len(self._entries) >= self._turned_fields:
            self._turn_some()

    def take(self) -> LogBatch | None:
        """The oldest rows, up to a batch; None when nothing waits. They leave when `done` is called."""
        while not self._full and self._turn_some():
            pass
        with self._lock:
            if self._full:
                return self._full.popleft()
            batch, self._batch = self._batch, LogBatch()
        return batch if batch.rows else None

    def done(self, batch: LogBatch) -> None:
        """A batch has left memory."""
        self._bytes_out += batch.size
        self.rows_out += batch.rows

    def _put_table(self, table: LogTable) -> None:
        # What came before leaves before: who waits for the log, waits for a number of rows.
        while self._turn_some():
            pass
        left: LogTable | None = table
        while left is not None:
            with self._lock:
                room = self._batch_rows - self._batch.rows
                part, left = (left, None) if len(left) <= room else left.split(room)
                self._batch.add_table(part)
                if self._batch.rows >= self._batch_rows:
                    self._full.append(self._batch)
                    self._batch = LogBatch()
        if self._full:
            self._wake()

    def _turn(self) -> None:
        for _ in range(_TURNS):
            self._turn_some()
            if len(self._entries) < self._turned_fields:
                break
        else:
            self._wake()
        if self._full:
            self._wake()

    def _turn_some(self) -> bool:
        with self._lock:
            fields = min(self._turned_fields, FIELDS * (self._batch_rows - self._batch.rows))
            taken = self._entries[:fields]
            if not taken:
                return False
            del self._entries[:fields]
            self._batch.add(taken)
            if self._batch.rows >= self._batch_rows:
                self._full.append(self._batch)
                self._batch = LogBatch()
            return True


def _size(entries: Sequence[LogEntry] | LogTable) -> int:
    return entries.size if isinstance(entries, LogTable) else sum([entry[-1] for entry in entries])
