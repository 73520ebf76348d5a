"""Executes steps in processes of their own: several at once, with real time-outs and limits of memory."""

from __future__ import annotations

import logging
import os
import queue
import signal
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from millwright.core.errors import MillwrightError
from millwright.core.forking.forker import ForkedProcess, Forker
from millwright.core.forking.library import loaded_libraries
from millwright.core.periodic_thread import PeriodicThread
from millwright.core.temporary_folder import remove_abandoned_folders
from millwright.pipelines.runner.executors.base import Executor, Job, Outcome
from millwright.pipelines.runner.executors.child import BEGUN, read_frame, write_frame
from millwright.pipelines.runner.executors.memory import WATCH_S, held_bytes, too_much_memory
from millwright.pipelines.runner.executors.remote import outcome_of, task_bytes
from millwright.pipelines.runner.failure import StepFailure
from millwright.pipelines.runner.observation.live import LiveLogs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.ids import Digest
    from millwright.pipelines.graph.node import Node
    from millwright.pipelines.runner.executors.remote import Opener
    from millwright.pipelines.runner.run_parts import RunParts

logger = logging.getLogger(__name__)

_GRACE_S = 2.0  # the step's own time-out in its process comes first, and can say where it was


@dataclass(eq=False)
class _Child:
    """A process that executes steps.

    Attributes:
        process: It.
        job: What it executes.
        deadline: When it is killed, on the monotonic clock.
        reason: Why it was killed.
        reader: Takes in what it writes.
    """

    process: subprocess.Popen[bytes] | ForkedProcess
    job: Job | None = None
    deadline: float = float("inf")
    reason: StepFailure | None = None
    reader: threading.Thread | None = None


class ProcessExecutor(Executor):
    """A pool of processes, each with one step at a time; a process that was killed is replaced by a new one.

    Args:
        parts: What the run's steps share.
        opener: How a process comes by the stores.
        capacity: Processor cores that steps may use together; those of this machine when None.
    """

    name = "processes"

    def __init__(self, parts: RunParts, opener: Opener, capacity: int | None = None) -> None:
        self.capacity = capacity or os.cpu_count() or 1
        self._parts, self._opener = parts, opener
        self._forker: Forker | None = None
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()
        # Measuring takes a while: who was measured may have another step by then, which must not pay for the first.
        self._given = threading.Lock()
        self._ended: queue.SimpleQueue[tuple[_Child, bytes | None]] = queue.SimpleQueue()
        self._watch = PeriodicThread(
            self._watch_children, WATCH_S, name="millwright-processes", trouble="Limits of steps are not watched"
        )

    def takes(self, node: Node, busy: Sequence[Node]) -> bool:
        """See `Executor.takes`: steps weigh as many cores as they ask for; one alone always fits."""
        used = sum(other.spec.options.resources.cpu for other in busy)
        return not busy or used + node.spec.options.resources.cpu <= self.capacity

    def submit(self, job: Job) -> None:
        """See `Executor.submit`."""
        data = task_bytes(job, self._parts)
        child = self._idle.pop() if self._idle else self._started()
        options = job.node.spec.options
        with self._given:
            child.job, child.reason, child.deadline = job, None, float("inf")
        self._busy.add(child)
        if options.resources.memory or options.timeout_s:
            self._watch.start()
        with suppress(OSError):  # it is dead: its reader tells so
            write_frame(child.process.stdin, data)  # type: ignore[arg-type]

    def wait(self, timeout_s: float) -> list[tuple[Job, Outcome]]:
        """See `Executor.wait`."""
        found: list[tuple[Job, Outcome]] = []
        try:
            entry = self._ended.get(timeout=timeout_s) if timeout_s > 0 else self._ended.get_nowait()
            while True:
                found += self._taken(*entry)
                entry = self._ended.get_nowait()
        except queue.Empty:
            return found

    def close(self) -> None:
        """See `Executor.close`."""
        self._watch.stop()
        for child in [*self._busy, *self._idle]:
            _kill(child.process)
        for child in [*self._busy, *self._idle]:
            child.process.wait()
            if child.reader is not None:
                child.reader.join()
        self._busy.clear()
        self._idle.clear()
        if self._forker is not None:
            self._forker.close()

    def _taken(self, child: _Child, data: bytes | None) -> list[tuple[Job, Outcome]]:
        with self._given:
            job, child.job = child.job, None
        self._busy.discard(child)
        if child in self._idle:  # it died while it had nothing to do
            self._idle.remove(child)
        if job is None:
            return []
        if data is None:
            return [(job, Outcome(failure=child.reason or _died(child), log=self._left_behind(job)))]
        outcome = outcome_of(data)
        if _took_too_long(job, outcome):
            _kill(child.process)  # what the step has started does not outlive it
        elif child.reason is None:  # else it was killed just as its step ended
            self._idle.append(child)
        return [(job, outcome)]

    def _left_behind(self, job: Job) -> Digest | None:
        """Store what a step had printed when its process was killed."""
        live = self._parts.services.get(LiveLogs)
        if not isinstance(live, LiveLogs):
            return None
        try:
            log = self._parts.shelf.encoder.log(live.read(job.context.step_run_id))
        except MillwrightError as error:
            logger.warning("What step '%s' printed cannot be stored: %s", job.node.name, error)
            return None
        live.remove(job.context.step_run_id)
        return log

    def _started(self) -> _Child:
        if self._forker is None:
            # What the pipeline's file has loaded here, it will load in each process, too.
            modules = (self._opener.function.partition(":")[0], *loaded_libraries())
            self._forker = Forker(__name__.rpartition(".")[0] + ".child:main", modules, self._opener.paths)
        process = self._forker.start()  # in a session of its own: who stops the run, stops its processes
        child = _Child(process)
        write_frame(process.stdin, msgspec.msgpack.encode(self._opener))  # type: ignore[arg-type]
        child.reader = threading.Thread(target=self._read, args=(child,), name="millwright-process", daemon=True)
        child.reader.start()
        return child

    def _read(self, child: _Child) -> None:
        with child.process:  # waits for its end, and closes its streams
            stream: Any = child.process.stdout
            while (data := read_frame(stream)) is not None:
                if data == BEGUN:
                    _set_deadline(child)
                else:
                    self._ended.put((child, data))
            with suppress(OSError):
                stdin: Any = child.process.stdin
                stdin.close()
        was_killed = child.job is not None
        self._ended.put((child, None))
        if was_killed:
            remove_abandoned_folders()

    def _watch_children(self) -> None:
        """Kill what takes too long or too much memory."""
        for child in list(self._busy):
            with self._given:
                job, deadline = child.job, child.deadline
            if job is None or child.reason is not None:
                continue
            reason = _too_much(job, child.process.pid, deadline)
            with self._given:
                if reason is not None and child.job is job:
                    child.reason = reason
                    _kill(child.process)


def _too_much(job: Job, pid: int, deadline: float) -> StepFailure | None:
    """Why a step's process is to be killed, if it is."""
    options = job.node.spec.options
    if time.monotonic() > deadline:
        return StepFailure.too_long(options.timeout_s)
    limit = options.resources.memory
    return too_much_memory(held_bytes(pid), limit) if limit else None


def _set_deadline(child: _Child) -> None:
    """Its step begins: what the process needed to start is not the step's time."""
    seconds = child.job.node.spec.options.timeout_s if child.job is not None else None
    child.deadline = time.monotonic() + seconds + _GRACE_S if seconds else float("inf")


def _took_too_long(job: Job, outcome: Outcome) -> bool:
    failure = outcome.failure
    return failure is not None and failure.kind == "TimeoutError" and job.node.spec.options.timeout_s is not None


def _kill(process: subprocess.Popen[bytes] | ForkedProcess) -> None:
    """Kill a process with all that it has started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (OSError, AttributeError):
        process.kill()


def _died(child: _Child) -> StepFailure:
    code = child.process.returncode
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        text = f"its process was killed by {name}"
        if -code == signal.SIGKILL:
            text += " (does the machine have enough memory?)"
    else:
        text = f"its process ended by itself with status {code}"
    return StepFailure.died(text)
