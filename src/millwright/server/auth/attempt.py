"""How often somebody may guess."""

from __future__ import annotations

import hashlib
import math
import mmap
import os
import struct
import tempfile
import threading
import time
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

try:
    import fcntl
except ImportError:  # where there is no fork, there is only one process to count for
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FREE = 10  # failures before one has to wait
_FIRST_S = 1.0
_MOST_S = 300.0
_FORGET_S = 900.0
# The table: rows of eight places, half a mebibyte in all. A key belongs to one row; in a full one the oldest gives way.
_ROWS = 2048
_PLACES = 8
_PLACE = struct.Struct("<16sIxxxxd")  # trace of the key, failures, time of the last one


class _Found(NamedTuple):
    at: int
    failures: int
    last: float


class Attempts:
    """Counts failed logins by a key, such as an address with a name: the wait doubles with each.

    The counts are in memory that processes share which are forked after this was made, so that all workers of a server
    count as one. They are forgotten when the server ends, and other machines have their own.

    Args:
        now: The time in seconds, never going back, and the same in all processes.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._salt = os.urandom(16)  # nobody outside can tell which keys share a row
        self._table = mmap.mmap(-1, _ROWS * _PLACES * _PLACE.size)
        self._lock = threading.Lock()
        with tempfile.TemporaryFile() as file:  # empty: only its lock is used
            self._file = os.dup(file.fileno())
        weakref.finalize(self, os.close, self._file)

    def wait_s(self, key: str) -> float:
        """How long the next attempt has to wait, in seconds; 0 when it may be made now."""
        with self._locked():
            found = self._find(self._trace(key))
        if found is None or found.failures < FREE:
            return 0.0
        wait = min(_MOST_S, _FIRST_S * 2.0 ** min(found.failures - FREE, 20))
        return max(0.0, found.last + wait - self._now())

    def fail(self, key: str) -> None:
        """Count a failure."""
        trace, now = self._trace(key), self._now()
        with self._locked():
            found = self._find(trace)
            count = 1 if found is None or now - found.last > _FORGET_S else found.failures + 1
            at = self._oldest(trace) if found is None else found.at
            _PLACE.pack_into(self._table, at, trace, min(count, 1 << 30), now)

    def succeed(self, key: str) -> None:
        """Forget the failures."""
        with self._locked():
            found = self._find(self._trace(key))
            if found is not None:
                self._table[found.at : found.at + _PLACE.size] = bytes(_PLACE.size)

    def _trace(self, key: str) -> bytes:
        return hashlib.blake2b(key.encode(errors="surrogatepass"), digest_size=16, key=self._salt).digest()

    def _row(self, trace: bytes) -> range:
        begin = int.from_bytes(trace[:4]) % _ROWS * _PLACES * _PLACE.size
        return range(begin, begin + _PLACES * _PLACE.size, _PLACE.size)

    def _find(self, trace: bytes) -> _Found | None:
        for at in self._row(trace):
            held, count, last = _PLACE.unpack_from(self._table, at)
            if held == trace:
                return _Found(at, count, last)
        return None

    def _oldest(self, trace: bytes) -> int:
        def age(at: int) -> float:
            _, count, last = _PLACE.unpack_from(self._table, at)
            return float(last) if count else -math.inf

        return min(self._row(trace), key=age)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._lock:  # locks on files hold between processes, not between threads
            if fcntl is None:
                yield
                return
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)
