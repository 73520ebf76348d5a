"""Writes a run's changes in the background, so that training never waits for a store.

Changes gather in memory and one thread writes them in batches, in their order. When the sink fails they are tried
again, ever less often; when there are too many of them, or the process ends, they go to the offline log instead, and
from there to the sink as soon as it works again. A log that was left behind is for `mw sync`.
"""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.util import Finalize, register_after_fork
from typing import TYPE_CHECKING

from millwright.core.errors import MillwrightError, StorageError
from millwright.tracking.sink import ForgivingSink, replay

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.tracking.change import Change
    from millwright.tracking.offline_log import OfflineLog
    from millwright.tracking.sink import Sink

_LOG = logging.getLogger(__name__)
_BY_FORK: weakref.WeakSet[Flusher] = weakref.WeakSet()


@dataclass(frozen=True, kw_only=True, slots=True)
class FlushLimits:
    """When a flusher writes.

    Attributes:
        interval_s: How long changes gather before they are written.
        capacity: Most changes kept in memory; more go to the offline log.
        retry_s: The wait after a first failure; it doubles with each, up to `max_retry_s`.
        timeout_s: How long `flush` and `close` wait for a sink that fails.
    """

    interval_s: float = 0.5
    capacity: int = 10_000
    retry_s: float = 0.2
    max_retry_s: float = 30.0
    timeout_s: float = 30.0


class Flusher:
    """The queue of one run. Thread-safe; a forked process begins with an empty queue and a thread of its own.

    Args:
        sink: Where changes go.
        spill: Opens the offline log, for when the sink fails.
        limits: When to write.
    """

    def __init__(self, sink: Sink, *, spill: Callable[[], OfflineLog], limits: FlushLimits | None = None) -> None:
        self._sink = ForgivingSink(sink)
        self._spill = spill
        self._limits = limits or FlushLimits()
        self._begin()
        _BY_FORK.add(self)
        register_after_fork(self, _close_with_process)

    def _begin(self) -> None:
        self._state = threading.Condition()
        self._thread: threading.Thread | None = None
        self._pending: deque[Change] = deque()
        self._in_flight: list[Change] = []
        self._submitted = self._durable = 0
        self._log: OfflineLog | None = None
        self._log_until = self._log_position = 0  # the last change in the log; what of it was replayed
        self._failure: Exception | None = None
        self._delay_s = 0.0
        self._urgent = self._closing = self._told = False

    def put(self, change: Change) -> None:
        """Take a change; never waits for the sink."""
        with self._state:
            self._pending.append(change)
            self._submitted += 1
            count = len(self._pending)
            if count >= self._limits.capacity:
                self._overflow()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="millwright-flusher", daemon=True)
                self._thread.start()
            elif count == 1:
                self._state.notify_all()

    def flush(self, timeout_s: float | None = None) -> None:
        """Return once everything taken so far is durable in the sink.

        Args:
            timeout_s: How long to wait while the sink fails; the limits' when None.

        Raises:
            StorageError: The sink could not be written; what is missing there is safe in the offline log.
            MillwrightError: A change was refused for good, as the error says; the others are durable.
        """
        reached = self._wait_durable(self._limits.timeout_s if timeout_s is None else timeout_s)
        with self._state:
            refused, self._sink.refused = self._sink.refused, []
            failure = self._failure
            if not reached:
                self._keep()
                raise StorageError(
                    f"What this run logged could not be written: {failure or 'the store does not answer'}.",
                    hint=f"It is safe in {self._log.path if self._log else '?'}. Once the store works, run: mw sync",
                ) from failure
        if refused:
            raise refused[0]

    def close(self, timeout_s: float | None = None) -> None:
        """Flush and end the thread; what the sink does not take stays in the offline log, and a warning says so.

        Raises:
            StorageError: Neither the sink nor the offline log could be written.
        """
        reached = self._wait_durable(self._limits.timeout_s if timeout_s is None else timeout_s)
        with self._state:
            self._closing = True
            self._state.notify_all()
            if not reached:
                self._keep()
                path = self._log.path if self._log else "?"
                _LOG.warning("The store could not be written. The run is safe in %s; then run: mw sync", path)
        if reached and self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=self._limits.timeout_s)
        with self._state:
            if self._log is not None:
                self._log.close()
                self._log = None

    def _wait_durable(self, timeout_s: float) -> bool:
        deadline = time.monotonic() + timeout_s
        with self._state:
            target = self._submitted
            self._urgent, self._delay_s = True, 0.0
            self._state.notify_all()
            while self._durable < target:
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._state.wait(left)
        return True

    def _overflow(self) -> None:
        if len(self._pending) % self._limits.capacity:  # neither store nor log could be written; not tried each time
            return
        try:
            self._keep(sync=False)
        except StorageError as error:
            self._tell(error)

    def _keep(self, *, sync: bool = True) -> None:
        """Move what is not durable to the offline log. What is being written goes there, too: twice does no harm."""
        try:
            if self._log is None:
                # An earlier process may have left something there, which then goes first.
                log = self._spill()
                try:
                    log.append(self._in_flight)
                except OSError:
                    log.close()
                    raise
                self._log, self._log_position = log, 0
            self._log.append(self._pending)
            if sync:
                self._log.sync()
        except (OSError, MillwrightError) as error:
            raise StorageError(
                f"Neither the store nor the offline log can be written: {error}.", hint="Make room on the disk."
            ) from error
        self._pending.clear()
        self._log_until = self._submitted

    def _work(self) -> None:
        while self._wait_for_work():
            try:
                self._step()
            except Exception as error:  # noqa: BLE001 - a thread that died would lose everything silently
                self._fail(error)
            else:
                with self._state:
                    self._failure, self._delay_s, self._told = None, 0.0, False
                    self._state.notify_all()

    def _wait_for_work(self) -> bool:
        with self._state:
            while not self._pending and self._log is None:
                if self._closing:
                    return False
                self._urgent = False
                self._state.wait()
            give_up = time.monotonic() + (self._delay_s or self._limits.interval_s)
            while not self._closing and not (self._urgent and not self._delay_s):
                left = give_up - time.monotonic()
                if left <= 0:
                    break
                self._state.wait(left)
            return not (self._closing and self._log is not None)

    def _step(self) -> None:
        with self._state:
            log, self._urgent = self._log, False
            if log is None:
                self._in_flight = list(self._pending)
                self._pending.clear()
            until = self._submitted
        if log is None:
            self._sink.write(self._in_flight)
            with self._state:
                self._in_flight = []
                if self._log is None:  # else they are in the log once more, and count when that is done
                    self._durable = until
            return
        position = replay(log.path, self._sink, start=self._log_position)
        with self._state:
            self._log_position = position
            if self._log is log and position >= log.size_bytes:
                log.remove()
                self._log = None
                self._durable = max(self._durable, self._log_until)

    def _fail(self, error: Exception) -> None:
        with self._state:
            if self._log is None:  # else they are in the log already
                self._pending.extendleft(reversed(self._in_flight))
            self._in_flight = []
            self._failure = error
            self._delay_s = min(max(2 * self._delay_s, self._limits.retry_s), self._limits.max_retry_s)
            self._tell(error)

    def _tell(self, error: Exception) -> None:
        if not self._told:
            self._told = True
            _LOG.warning("What a run logs cannot be written now; nothing is lost, it is tried again. %s", error)

    def _close_child(self) -> None:
        with suppress(MillwrightError):
            self.close()

    def _in_child(self) -> None:
        """After a fork: what the parent has queued is the parent's."""
        if self._log is not None:
            self._log.close()
        self._begin()


def _close_with_process(flusher: Flusher) -> None:
    # The children of multiprocessing leave without atexit.
    Finalize(None, flusher._close_child, exitpriority=100)  # noqa: SLF001 - of this module


def _after_fork() -> None:
    for flusher in list(_BY_FORK):
        flusher._in_child()  # noqa: SLF001 - of this module


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
