"""One thread of this process that looks at whatever is being observed, twenty times a second."""

from __future__ import annotations

import os
import sys
import threading
from typing import Protocol

INTERVAL_S = 0.05
_IDLE_BEATS = 20  # after which the thread waits to be woken


class Observed(Protocol):
    """Something that wants to be looked at."""

    def beat(self, memory_bytes: int) -> None:
        """A moment has passed; the process holds so much memory now."""
        ...


class Pulse:
    """Calls everything that joined every 50 ms. Thread-safe; works again in a forked child.

    The thread is started with the first that joins, and goes on for a second after the last has left, so that a
    sequence of short steps wakes it once.
    """

    def __init__(self) -> None:
        self._reset()

    def _reset(self) -> None:
        self._pid = os.getpid()
        self._observed: set[Observed] = set()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nothing is looked at."""
        return self._pid != os.getpid() or not self._observed

    def join(self, observed: Observed) -> None:
        """Call it from now on."""
        if self._pid != os.getpid():  # a fork takes no threads along
            self._reset()
        self._observed.add(observed)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="millwright-pulse", daemon=True)
            self._thread.start()
        if not self._wake.is_set():
            self._wake.set()

    def leave(self, observed: Observed) -> None:
        """Call it no more; a call that has begun may go on for a moment."""
        self._observed.discard(observed)

    def _run(self) -> None:
        idle, never = 0, threading.Event()
        while True:
            if idle > _IDLE_BEATS:
                self._wake.clear()
                if not self._observed:  # whoever joined meanwhile has set it, or is seen here
                    self._wake.wait()
                idle = 0
            never.wait(INTERVAL_S)
            observed = tuple(self._observed.copy())
            idle = 0 if observed else idle + 1
            memory = resident_bytes() if observed else 0
            for each in observed:
                each.beat(memory)


PULSE = Pulse()  # a process has one memory and one set of standard streams, and so one that looks at them

_STATM, _STATM_BYTES = "/proc/self/statm", 256
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def resident_bytes() -> int:
    """The memory that this process holds now."""
    if sys.platform == "linux":
        # What psutil reads there, too, without the 15 ms that importing it takes.
        try:
            number = os.open(_STATM, os.O_RDONLY)
            try:
                return int(os.read(number, _STATM_BYTES).split()[1]) * _PAGE
            finally:
                os.close(number)
        except (OSError, IndexError, ValueError):
            pass
    import psutil

    return int(psutil.Process().memory_info().rss)
