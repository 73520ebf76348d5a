"""One run in its process, as the worker sees it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

from millwright.core.forking.forker import Forker
from millwright.core.temporary_folder import remove_abandoned_folders
from millwright.workspace.worker.order import line_of, read_outcome

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from millwright.core.records.queue import RunRequest
    from millwright.workspace.worker.order import Order, Outcome

# The folder that the worker was started in is not searched for modules: a project may have a `queue.py`.
_COMMAND = (sys.executable, "-P", "-m", "millwright.workspace.worker.child")


class ChildProcess:
    """A process that does one thing and tells what came of it. Thread-safe.

    Args:
        order: What it is to do.
        on_end: Called, from another thread, once it has ended.
        forker: Starts it, and learns what to load for the next; without one it loads all by itself.
    """

    def __init__(self, order: Order, on_end: Callable[[], None], forker: Forker | None = None) -> None:
        self._on_end = on_end
        self._forker = forker
        self._lock = threading.Lock()
        self.ended = threading.Event()
        self.outcome: Outcome | None = None
        self._process = _started() if forker is None else forker.start()
        self.tell(line_of(order))
        threading.Thread(target=self._wait, name=f"millwright-child-{self._process.pid}", daemon=True).start()

    @property
    def exit_code(self) -> int | None:
        """As `subprocess` has it: below zero for a signal; None while it lives."""
        return self._process.returncode

    def tell(self, line: bytes) -> None:
        """Write to it; nothing happens when it has ended."""
        stream = self._process.stdin
        with self._lock, contextlib.suppress(OSError, ValueError):
            if stream is not None:
                stream.write(line)
                stream.flush()

    def kill(self) -> None:
        """End it at once, with everything that it started."""
        if os.name == "nt":
            self._process.kill()
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """Let go of its streams; it has ended."""
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError, ValueError):
                if stream is not None:
                    stream.close()

    def _wait(self) -> None:
        stream = self._process.stdout
        told = b"" if stream is None else stream.read()
        self.outcome = read_outcome(told)
        if self.outcome is None:
            self._process.wait()
        else:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
        self.kill()  # what it started may have outlived it
        self._process.wait()
        if self.outcome is None:
            remove_abandoned_folders()
        elif self._forker is not None:
            self._forker.load(self.outcome.libraries)
        self.ended.set()
        self._on_end()


def run_forker() -> Forker:
    """What starts processes of runs, each with the rooms loaded that a run needs."""
    return Forker("millwright.workspace.worker.child:main", ("millwright.workspace.worker.execution",))


def _started() -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C reaches the worker alone, and whatever a step starts can be ended with it.
    return subprocess.Popen(_COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=os.name != "nt")


def perform_apart(order: Order, patience_s: float, forker: Forker | None = None) -> ChildProcess:
    """The process that an order was given to, after its end; it is ended when it takes longer than that."""
    child = ChildProcess(order, lambda: None, forker)
    if not child.ended.wait(patience_s):
        child.kill()
        child.ended.wait()
    child.close()
    return child


class Slot(ChildProcess):
    """A run in its process.

    Attributes:
        request: The run.
        cancelled_at: When the worker noticed that it is to be stopped.
        lost: Whether another worker has it now.

    Args:
        request: The run.
        order: What the process is told.
        on_end: Called, from another thread, once it has ended.
        forker: Starts it.
    """

    def __init__(
        self, request: RunRequest, order: Order, on_end: Callable[[], None], forker: Forker | None = None
    ) -> None:
        self.request = request
        self.cancelled_at: datetime | None = None
        self.lost = False
        super().__init__(order, on_end, forker)

    def extend(self, until: datetime) -> None:
        """Its lease was renewed."""
        self.tell(line_of(until.timestamp()))
