"""Several processes behind one socket, watched by the one that started them.

Workers are forked before anything is open in them. A worker that dies is replaced; when the parent is asked to stop,
all finish what is in flight; when the parent is killed, they notice by the line whose other end only it held.
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
from millwright.core.line import Line

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterable
    from types import FrameType

logger = logging.getLogger(__name__)

_POLL_S = 0.2
_MOST_DELAY_S = 5.0
_TRIES = 5  # a worker that ended so often before it was ready will not become ready
_LAST_S = 3.0  # between the end of the time for requests in flight and SIGKILL


class Worker:
    """A worker process, as its parent knows it.

    Attributes:
        pid: Its number.
        place: The lowest number that no other living worker had when it was started, from 0.
        line: The parent's end.
        is_ready: Whether it takes requests.
        is_leaving: Whether it was asked to end by itself; it is replaced at once if it is still wanted.
    """

    def __init__(self, pid: int, place: int, line: Line) -> None:
        self.pid = pid
        self.place = place
        self.line = line
        self.is_ready = False
        self.is_leaving = False
        self.is_listening = True


class Overseer:
    """Says how many workers there are to be, and hears what they say; called in the parent, one call at a time.

    Args:
        count: How many.
    """

    def __init__(self, count: int) -> None:
        self._count = count

    def wanted(self, workers: Iterable[Worker]) -> int:
        """How many there are to be at present, besides those that leave; asked some times a second.

        Args:
            workers: Those that live.
        """
        del workers
        return self._count

    def watched(self) -> Iterable[socket.socket]:
        """What `wanted` is to be asked for anew as soon as it can be read."""
        return ()

    def starting(self, place: int) -> None:
        """A worker is about to be forked."""

    def heard(self, worker: Worker, message: dict[str, Any]) -> None:
        """A worker has said something else than that it is ready."""

    def became_ready(self, worker: Worker) -> None:
        """A worker takes requests."""

    def ended(self, worker: Worker) -> None:
        """A worker is gone."""


class Workers:
    """Starts worker processes and keeps them going until it is asked to stop.

    Args:
        overseer: Says how many.
        work: What each does; is given what to call once it takes requests, its own end of the line to its parent and
            its place, and returns after SIGTERM.
        drain_s: How long a worker may take to stop.
    """

    def __init__(
        self, overseer: Overseer, work: Callable[[Callable[[], None], Line, int], None], *, drain_s: float
    ) -> None:
        self._overseer = overseer
        self._work = work
        self._drain_s = drain_s
        self._workers: dict[int, Worker] = {}
        self._stopping = False
        self._failed = 0
        self._start_at = 0.0

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
                self._start()
                if self._listen() and not told:
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

    def _start(self) -> None:
        wanted = self._overseer.wanted(self._workers.values())
        while self._staying() < wanted and time.monotonic() >= self._start_at:
            taken = {each.place for each in self._workers.values()}
            place = next(number for number in range(len(taken) + 1) if number not in taken)
            self._overseer.starting(place)
            sys.stdout.flush()
            sys.stderr.flush()
            mine, its = Line.pair()
            pid = os.fork()
            if pid == 0:
                mine.forget()
                self._be_worker(its, place)
            its.forget()
            self._workers[pid] = Worker(pid, place, mine)

    def _staying(self) -> int:
        return sum(not each.is_leaving for each in self._workers.values())

    def _listen(self) -> bool:
        """Hear what workers say; whether one became ready."""
        became_ready = False
        lines = [each for each in self._workers.values() if each.is_listening]
        watched = list(self._overseer.watched()) if time.monotonic() >= self._start_at else []
        sources: list[Any] = [*(each.line for each in lines), *watched]
        readable, _, _ = select.select(sources, [], [], _POLL_S)
        for worker in [each for each in lines if each.line in readable]:
            messages = worker.line.read()
            if messages is None:
                worker.is_listening = False
            for message in messages or ():
                if "ready" in message:
                    worker.is_ready = became_ready = True
                    self._overseer.became_ready(worker)
                else:
                    self._overseer.heard(worker, message)
        return became_ready

    def _reap(self, *, told: bool) -> None:
        for worker in list(self._workers.values()):
            try:
                ended, status = os.waitpid(worker.pid, os.WNOHANG)
            except ChildProcessError:
                ended, status = worker.pid, 0
            if not ended or self._stopping:
                continue
            del self._workers[worker.pid]
            worker.line.close()
            self._overseer.ended(worker)
            code = os.waitstatus_to_exitcode(status)
            if worker.is_leaving:
                logger.info("worker process %d has left with %d", worker.pid, code)
                continue
            self._failed += 1
            if not told and self._failed >= _TRIES:
                raise ServiceUnavailableError(
                    f"{_TRIES} worker processes ended before they took requests.",
                    hint="The lines above tell why; --workers 1 shows it in one process.",
                )
            logger.warning("worker process %d ended with %d and is replaced", worker.pid, code)
            self._start_at = time.monotonic() + min(_MOST_DELAY_S, 0.05 * 2 ** min(self._failed, 10))
        if told and self._workers and time.monotonic() > self._start_at + 10 * _MOST_DELAY_S:
            self._failed = 0

    def _end(self) -> None:
        for pid in self._workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        give_up = time.monotonic() + self._drain_s + _LAST_S
        while self._workers:
            for pid, worker in list(self._workers.items()):
                try:
                    ended, _ = os.waitpid(pid, os.WNOHANG)
                except ChildProcessError:
                    ended = pid
                if ended:
                    worker.line.close()
                    del self._workers[pid]
                elif time.monotonic() > give_up:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)

    def _be_worker(self, line: Line, place: int) -> None:
        """In the new process: never returns."""
        code = 1
        try:
            # Copies of the parent's ends: with them, the others would not notice its end.
            for other in self._workers.values():
                other.line.forget()
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            self._work(lambda: line.tell(ready=True), line, place)
            code = 0
        except BaseException:
            logger.exception("a worker process failed")
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)


def hear_parent(line: Line, heard: Callable[[dict[str, Any]], None], *, drain_s: float) -> None:
    """In a worker: hear what the parent says, in a thread of its own; end this process when the parent is gone.

    Args:
        line: The worker's end.
        heard: Is given each message, in that thread; must not wait.
        drain_s: How long the worker may take to stop.
    """

    def listen() -> None:
        while (messages := line.read()) is not None:
            for message in messages:
                heard(message)
        with contextlib.suppress(ProcessLookupError):
            os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(drain_s + _LAST_S)
        os._exit(1)

    threading.Thread(target=listen, name="parent", daemon=True).start()
