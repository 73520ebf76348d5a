"""Records of the log, one behind the other in memory that is used again and again."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from millwright.deployment.realtime.log_fields import LogFields
from millwright.deployment.realtime.log_record import unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.deployment.realtime.log_record import LogRow

_LEAST_BYTES, _LARGEST_KEPT = 64 << 10, 32 << 20
_MOST_KEPT = 2  # one is filled while another is written


class LogBuffers:
    """Memory for records: up to two pieces of 32 MiB each are kept for whoever comes next; thread-safe.

    A page that is touched for the first time costs some two microseconds, a tenth of one for each row in it.
    """

    __slots__ = ("_free",)

    def __init__(self) -> None:
        self._free: deque[bytearray] = deque()

    def take(self, least: int) -> bytearray:
        """At least so many bytes of whatever content."""
        try:
            found = self._free.popleft()
        except IndexError:
            found = bytearray(max(least, _LEAST_BYTES))
        return found if len(found) >= least else bytearray(least)

    def give(self, buffer: bytearray) -> None:
        """Memory that is used no more."""
        if _LEAST_BYTES <= len(buffer) <= _LARGEST_KEPT and len(self._free) < _MOST_KEPT:
            self._free.append(buffer)


class LogRecords:
    """Collects records.

    Args:
        pool: Where memory comes from.

    Attributes:
        count: How many they are.
    """

    __slots__ = ("_buffer", "_filled", "_lengths", "_pool", "count")

    def __init__(self, pool: LogBuffers) -> None:
        self.count = self._filled = 0
        self._pool = pool
        self._buffer = bytearray()
        # Of those that came together: how many, and how long each one is; or how long each is, where they differ.
        self._lengths: list[tuple[int, int] | list[int]] = []

    def add(self, records: list[bytes]) -> int:
        """Add records, at least one; how many bytes they are."""
        data, lengths, first = b"".join(records), list(map(len, records)), len(records[0])
        begin, count = self._filled, len(records)
        end = begin + len(data)
        if end > len(self._buffer):
            self._grow(end)
        self._buffer[begin:end] = data
        self._filled = end
        self._lengths.append((count, first) if lengths.count(first) == count else lengths)
        self.count += count
        return len(data)

    def fields(self) -> LogFields:
        """All of them, at least one, to be read field by field; until `release`."""
        parts = self._lengths
        data = memoryview(self._buffer)[: self._filled]
        alike = {part[1] for part in parts if isinstance(part, tuple)}
        if len(alike) == 1 and all(isinstance(part, tuple) for part in parts):
            return LogFields(data, alike.pop(), self.count)
        each = [np.full(*part) if isinstance(part, tuple) else np.array(part) for part in parts]
        return LogFields(data, np.concatenate(each).astype(np.int64), self.count)

    def rows(self) -> Iterator[list[LogRow]]:
        """Those that came together, one by one."""
        begin = 0
        for part in self._lengths:
            count, size = (part[0], part[0] * part[1]) if isinstance(part, tuple) else (len(part), sum(part))
            yield unpacked(self._buffer[begin : begin + size], count)
            begin += size

    def release(self) -> None:
        """Forget them."""
        self._pool.give(self._buffer)
        self._buffer, self._lengths = bytearray(), []
        self.count = self._filled = 0

    def _grow(self, least: int) -> None:
        larger = self._pool.take(2 * least)
        larger[: self._filled] = memoryview(self._buffer)[: self._filled]
        self._pool.give(self._buffer)
        self._buffer = larger
