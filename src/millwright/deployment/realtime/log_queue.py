"""What waits for the prediction log, in bounded memory."""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import TYPE_CHECKING

from millwright.deployment.realtime.log_batch import LogBatch
from millwright.deployment.realtime.log_record import UNPACKABLE, pack, pack_as_text
from millwright.deployment.realtime.log_records import LogBuffers
from millwright.deployment.realtime.log_rows import LogRows

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.deployment.realtime.log_entry import LogSource
    from millwright.deployment.realtime.log_record import LogRow
    from millwright.deployment.realtime.log_table import LogTable

_JOINED_ROWS = 256  # what joining costs at all is shared by as many
_LARGEST_BYTES = 64 << 10  # of a row: larger requests are not answered by the ways that bring rows one by one


class LogQueue:
    """Takes predictions from one thread and gives batches to another.

    A row is packed by whoever brings it, while its values are in the processor's cache, and laid into the open list of
    its source: nothing else happens to it, and its values' memory serves the next request. Once in some hundred rows
    the lists are joined to the batch; that is where rows and bytes are counted. No list is open then, and who wants to
    open one is told whether there is room.

    Args:
        batch_rows: Most rows in one batch; some more where several versions answer at a time.
        max_rows: Most rows at all.
        max_bytes: Most memory for them, as packed; up to one row more.
        wake: Called when there is a whole batch.

    Attributes:
        rows_out: Rows that have left.
        shed: Rows that were not taken in.
    """

    def __init__(self, *, batch_rows: int, max_rows: int, max_bytes: int, wake: Callable[[], None]) -> None:
        self._batch_rows, self._max_rows, self._max_bytes, self._wake = batch_rows, max_rows, max_bytes, wake
        # Opened and closed by the thread that brings rows; the other one takes out what is in them.
        self._open: dict[LogSource, list[bytes]] = {}
        self._most_open = 0  # rows in one of them until they are joined to the batch
        self._buffers = LogBuffers()
        self._batch = LogBatch(self._buffers)
        self._full: deque[LogBatch] = deque()
        self._lock = Lock()
        self._rows_joined = self._bytes_joined = 0  # to batches so far; with the lock
        # Each of these is written by one thread only, so that no lock is needed for them.
        self.shed = 0
        self.rows_out = self._bytes_out = 0

    @property
    def rows_in(self) -> int:
        """Rows taken in so far."""
        with self._lock:
            return self._rows_joined + sum(map(len, list(self._open.values())))

    def put_row(self, source: LogSource, row: LogRow) -> bool:
        """Take one row of a source with plain columns; False when there is no room for it."""
        try:
            rows = self._open[source]
        except KeyError:
            return self._put_first(source, row)
        try:
            rows.append(pack(row))
        except UNPACKABLE:
            rows.append(pack_as_text(source, row))
        if len(rows) >= self._most_open:
            self._close_all()
        return True

    def has_room(self, taken: LogRows | LogTable) -> bool:
        """Whether a request's rows are taken; they are counted as shed otherwise. An empty queue takes any."""
        waiting, size = self._waiting(taken.size)
        if waiting and (waiting + len(taken) > self._max_rows or size + taken.size > self._max_bytes):
            self.shed += len(taken)
            return False
        return True

    def put(self, taken: LogRows | LogTable) -> None:
        """Take a request's rows, for which there is room."""
        if isinstance(taken, LogRows) and taken.records:
            rows = self._open.get(taken.source)
            if rows is None:
                rows = self._opened(taken.source, self._room() or 1)
            if len(rows) + len(taken) < self._most_open:
                # Who waits for them to be written waits for a number of rows: all that came before, and none that came
                # later, must be in the lists when they are joined.
                with self._lock:
                    rows += taken.records
                return
        self._put_whole(taken)

    def take(self) -> LogBatch | None:
        """The oldest rows, up to a batch; None when nothing waits. They leave when `done` is called."""
        with self._lock:
            if not self._full:
                self._join()
                self._most_open = (
                    0  # what is open is closed with the next row: there is less room than when it was opened
                )
            if self._full:
                return self._full.popleft()
            batch, self._batch = self._batch, LogBatch(self._buffers)
        return batch if batch.rows else None

    def done(self, batch: LogBatch) -> None:
        """A batch has left memory."""
        self._bytes_out += batch.size
        self.rows_out += batch.rows
        batch.release()

    def _put_first(self, source: LogSource, row: LogRow) -> bool:
        """As `put_row`, of a source that has no open list."""
        room = self._room()
        if not room:
            self.shed += 1
            return False
        self._opened(source, room)
        return self.put_row(source, row)

    def _room(self) -> int:
        """How many rows can be taken surely; an empty queue takes one of any size."""
        waiting, size = self._waiting()
        bytes_left = self._max_bytes - size
        room = min(self._max_rows - waiting, -(-bytes_left // _LARGEST_BYTES))
        return max(room, 0 if waiting else 1)

    def _opened(self, source: LogSource, room: int) -> list[bytes]:
        self._most_open = max(1, min(room, _JOINED_ROWS, self._batch_rows - self._batch.rows))
        rows = self._open[source] = []
        return rows

    def _waiting(self, more: int = 0) -> tuple[int, int]:
        """Rows and bytes in memory; rather more bytes than there are, but exactly where so many more might not fit."""
        with self._lock:
            lists = list(self._open.values())
            joined, count = self._bytes_joined - self._bytes_out, sum(map(len, lists))
            size = joined + count * _LARGEST_BYTES
            if size + more > self._max_bytes:
                size = joined + sum([len(each) for rows in lists for each in rows])
            return self._rows_joined + count - self.rows_out, size

    def _close_all(self) -> None:
        with self._lock:
            self._join()
            self._open = {}
            is_full = bool(self._full)
        if is_full:
            self._wake()

    def _join(self) -> None:
        """Move what is in the open lists to the batch; with the lock."""
        found = [(source, rows[:]) for source, rows in list(self._open.items()) if rows]
        count = sum([len(rows) for _, rows in found])
        if self._batch.rows and self._batch.rows + count > self._batch_rows:
            self._end_batch()
        for source, rows in found:
            del self._open[source][: len(rows)]  # whatever has come since stays
            self._bytes_joined += self._batch.add_records(source, rows)
        self._rows_joined += count
        if self._batch.rows >= self._batch_rows:
            self._end_batch()

    def _put_whole(self, taken: LogRows | LogTable) -> None:
        # What came before leaves before: who waits for the log, waits for a number of rows.
        self._close_all()
        left: LogRows | LogTable | None = taken
        with self._lock:
            while left is not None:
                room = self._batch_rows - self._batch.rows
                part, left = (left, None) if len(left) <= room else left.split(room)
                self._batch.add(part)
                if self._batch.rows >= self._batch_rows:
                    self._end_batch()
            self._rows_joined += len(taken)
            self._bytes_joined += taken.size
            is_full = bool(self._full)
        if is_full:
            self._wake()

    def _end_batch(self) -> None:
        self._full.append(self._batch)
        self._batch = LogBatch(self._buffers)
