"""Several processes behind one socket, watched by the one that started them.

Workers are forked before anything is open in them. A worker that dies is replaced; when the parent is asked to stop,
all finish what is in flight; when the parent is killed, they notice by a pipe whose other end only it held.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from millwright.core.errors import ServiceUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

logger = logging.getLogger(__name__)

_POLL_S = 0.2
_MOST_DELAY_S = 5.0
_TRIES = 5  # a worker that ended so often before it was ready will not become ready
_LAST_S = 3.0  # between the end of the time for requests in flight and SIGKILL


class Workers:
    """Starts worker processes and keeps them going until it is asked to stop.

    Args:
        count: How many, ≥ 2.
        work: What each does; is given what to call once it takes requests, and returns after SIGTERM.
        drain_s: How long a worker may take to stop.
    """

    def __init__(self, count: int, work: Callable[[Callable[[], None]], None], *, drain_s: float) -> None:
        self._count = count
        self._work = work
        self._drain_s = drain_s
        self._pids: set[int] = set()
        self._stopping = False
        self._failed = 0
        self._start_at = 0.0
        self._life = os.pipe()  # workers wait for the end of the first end; only the parent holds the second
        self._news = os.pipe()  # a worker writes a byte when it is ready

    def run(self, ready: Callable[[], None], stop: threading.Event | None = None) -> None:
        """Run until SIGTERM, SIGINT or the event.

        Args:
            ready: Called once, when the first worker takes requests.
            stop: Ends the workers when set; for a parent in a thread, which gets no signals.

        Raises:
            ServiceUnavailableError: Workers ended again and again before one was ready.
        """
        told = False
        before = self._take_signals()
        try:
            while not self._stopping and not (stop is not None and stop.is_set()):
                self._replace()
                if self._heard() and not told:
                    told, self._failed = True, 0
                    ready()
                self._reap(told=told)
        finally:
            self._end()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _take_signals(self) -> dict[signal.Signals, Any]:
        if threading.current_thread() is not threading.main_thread():
            return {}
        return {number: signal.signal(number, self._asked) for number in (signal.SIGTERM, signal.SIGINT)}

    def _asked(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._stopping = True

    def _replace(self) -> None:
        while len(self._pids) < self._count and time.monotonic() >= self._start_at:
            sys.stdout.flush()
            sys.stderr.flush()
            pid = os.fork()
            if pid == 0:
                self._be_worker()
            self._pids.add(pid)

    def _heard(self) -> bool:
        readable, _, _ = select.select([self._news[0]], [], [], _POLL_S)
        return bool(readable) and bool(os.read(self._news[0], 1))

    def _reap(self, *, told: bool) -> None:
        for pid in list(self._pids):
            try:
                ended, status = os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                ended, status = pid, 0
            if not ended or self._stopping:
                continue
            self._pids.discard(pid)
            self._failed += 1
            if not told and self._failed >= _TRIES:
                raise ServiceUnavailableError(
                    f"{_TRIES} worker processes ended before they took requests.",
                    hint="The lines above tell why; --workers 1 shows it in one process.",
                )
            code = os.waitstatus_to_exitcode(status)
            logger.warning("worker process %d ended with %d and is replaced", pid, code)
            self._start_at = time.monotonic() + min(_MOST_DELAY_S, 0.05 * 2 ** min(self._failed, 10))
        if told and self._pids and time.monotonic() > self._start_at + 10 * _MOST_DELAY_S:
            self._failed = 0

    def _end(self) -> None:
        for end in (self._life[1],):
            os.close(end)
        for pid in self._pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        give_up = time.monotonic() + self._drain_s + _LAST_S
        while self._pids:
            for pid in list(self._pids):
                try:
                    ended, _ = os.waitpid(pid, os.WNOHANG)
                except ChildProcessError:
                    ended = pid
                if ended:
                    self._pids.discard(pid)
                elif time.monotonic() > give_up:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)
        for end in (self._life[0], *self._news):
            os.close(end)

    def _be_worker(self) -> None:
        """In the new process: never returns."""
        code = 1
        try:
            os.close(self._life[1])
            os.close(self._news[0])
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            threading.Thread(target=self._follow_parent, daemon=True).start()
            self._work(self._tell_ready)
            code = 0
        except BaseException:
            logger.exception("a worker process failed")
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)

    def _tell_ready(self) -> None:
        os.write(self._news[1], b".")

    def _follow_parent(self) -> None:
        os.read(self._life[0], 1)  # returns when nobody holds the other end any more
        with contextlib.suppress(ProcessLookupError):
            os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(self._drain_s + _LAST_S)
        os._exit(1)
