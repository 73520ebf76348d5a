"""Takes what is told of requests in the event loop, and hands it on in batches from a thread."""

from __future__ import annotations

import logging
from collections import deque
from threading import Event, Thread
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

logger = logging.getLogger(__name__)

_PAUSE_S = 0.2
_MOST = 50_000
_BATCH = 1_000


class Background(Generic[T]):
    """A bounded queue and the thread that empties it.

    The thread begins with the first thing that is told, so that a process may be forked before.

    Args:
        write: Takes a batch, in the thread; what it raises is told in the log, and the batch is lost.
        name: The thread's.
        most: What waits at most; what comes beyond is shed and counted.

    Attributes:
        shed: What was not taken, for want of room.
        lost: What was taken and could not be written.
    """

    def __init__(self, write: Callable[[list[T]], None], *, name: str, most: int = _MOST) -> None:
        self._write = write
        self._most = most
        self._waiting: deque[T] = deque()
        self._wake = Event()
        self._closing = False
        self._failing = False
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self._begun = False
        self.shed = self.lost = 0

    def put(self, thing: T) -> None:
        """Take something; from one thread, without waiting."""
        if len(self._waiting) >= self._most:
            self.shed += 1
            return
        self._waiting.append(thing)
        if not self._begun:
            self._begun = True
            self._thread.start()

    def close(self, timeout_s: float = 5.0) -> None:
        """Write what waits, then end; what is not written in time is lost."""
        self._closing = True
        self._wake.set()
        if self._begun:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            self._wake.wait(_PAUSE_S)
            closing = self._closing
            while self._waiting:
                self._write_batch([self._waiting.popleft() for _ in range(min(len(self._waiting), _BATCH))])
            if closing:
                return

    def _write_batch(self, batch: list[T]) -> None:
        try:
            self._write(batch)
        except Exception as error:
            self.lost += len(batch)
            if not self._failing:  # once for each time that it begins to fail
                logger.warning("%s: cannot be written: %s", self._thread.name, error, exc_info=not _is_os(error))
            self._failing = True
        else:
            self._failing = False


def _is_os(error: Exception) -> bool:
    return isinstance(error, OSError)
