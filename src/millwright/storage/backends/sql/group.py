"""Group commit: writes of many threads share a transaction, and so the one wait for the disk at its end."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from millwright.storage.backends.sql.failure import lost_race

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

T = TypeVar("T")

# Enough for every client that waits; a longer transaction would make the first of them wait for the last.
JOBS_IN_ONE_TRANSACTION = 256
# Submitting blocks beyond this: a store that is slower than its callers must slow them down, not eat the memory.
JOBS_WAITING = 4096
_IDLE_S = 10.0


class Writer(Protocol):
    """What the jobs write to."""

    def write(self) -> AbstractContextManager[Any]:
        """A transaction."""
        ...

    def job(self) -> AbstractContextManager[None]:
        """A part of a transaction that is taken back when it raises."""
        ...


class _Job:
    __slots__ = ("action", "error", "future", "result")

    def __init__(self, action: Callable[[], Any]) -> None:
        self.action = action
        self.future: Future[Any] = Future()
        self.result: Any = None
        self.error: BaseException | None = None

    def settle(self, error: BaseException | None = None) -> None:
        error = error or self.error
        if error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(error)


class CommitGroup:
    """A queue of jobs and the one thread that runs them; the thread ends when there is nothing to do for a while.

    Args:
        database: What the jobs write to.
    """

    def __init__(self, database: Writer) -> None:
        self._database = database
        self._jobs: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closing = False

    def submit(self, action: Callable[[], T]) -> Future[T]:
        """Queue a job; blocks while too many wait already."""
        job = _Job(action)
        with self._changed:
            while len(self._jobs) >= JOBS_WAITING:
                self._changed.wait()
            self._jobs.append(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="millwright-writer", daemon=True)
                self._thread.start()
            elif len(self._jobs) == 1:
                self._changed.notify_all()
        return job.future

    def close(self) -> None:
        """Wait until everything that was submitted has ended, and end the thread; it starts again when needed."""
        with self._changed:
            thread = self._thread
            self._closing = True
            self._changed.notify_all()
        if thread is not None and thread is not threading.current_thread():
            thread.join()
        with self._changed:
            self._closing = False

    def _work(self) -> None:
        while batch := self._next():
            self._run(batch)

    def _next(self) -> list[_Job]:
        with self._changed:
            while not self._jobs:
                if self._closing or not self._changed.wait(_IDLE_S):
                    if self._jobs:  # came in the moment that the wait ended
                        break
                    self._thread = None
                    return []
            batch = [self._jobs.popleft() for _ in range(min(len(self._jobs), JOBS_IN_ONE_TRANSACTION))]
            self._changed.notify_all()
            return batch

    def _run(self, batch: list[_Job]) -> None:
        batch = [job for job in batch if job.future.set_running_or_notify_cancel()]
        try:
            self._commit(batch)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to those who wait
            for job in batch:
                if lost_race(error) and len(batch) > 1:
                    self._run_alone(job)
                else:
                    job.settle(error)
        else:
            for job in batch:
                job.settle()

    def _run_alone(self, job: _Job) -> None:
        try:
            self._commit([job])
        except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to the one who waits
            job.settle(error)
        else:
            job.settle()

    def _commit(self, batch: list[_Job]) -> None:
        if len(batch) == 1:  # the transaction itself takes back what a job did that fails
            with self._database.write():
                batch[0].result = batch[0].action()
            return
        with self._database.write():
            for job in batch:
                job.result, job.error = None, None
                try:
                    with self._database.job():
                        job.result = job.action()
                except BaseException as error:
                    if lost_race(error):
                        raise
                    job.error = error  # its own; the others go on
