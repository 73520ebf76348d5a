"""The process of one run: `python -m millwright.workspace.worker.child`, started by a worker."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from millwright.core.forking.library import loaded_libraries
from millwright.workspace.worker.order import End, Order, Outcome, Task, line_of, read_order

if TYPE_CHECKING:
    from typing import BinaryIO

_STOPPED = 3  # the exit code of one that stopped itself


class Lifeline:
    """Ends this process, and those that it started, when the worker is gone or the lease has ended.

    A thread reads what the worker writes: the ends of its lease. Another one looks at the clock, since a worker that
    was only stopped for a while leaves the stream open.

    Args:
        stream: What the worker writes to.
        lease_until: Seconds since 1970; None for no lease.
    """

    def __init__(self, stream: BinaryIO, lease_until: float | None) -> None:
        self._stream = stream
        self._until = lease_until
        self._changed = threading.Event()

    def hold(self) -> None:
        """Begin to watch."""
        for work in (self._read, self._watch):
            threading.Thread(target=work, name="millwright-lifeline", daemon=True).start()

    def _read(self) -> None:
        for line in self._stream:
            with contextlib.suppress(ValueError):
                self._until = float(line)
            self._changed.set()
        stop()

    def _watch(self) -> None:
        while True:
            rest = None if self._until is None else self._until - time.time()
            if rest is not None and rest <= 0:
                stop()
            self._changed.wait(rest)
            self._changed.clear()


def stop() -> None:
    """End at once, with everything that was started here: nobody waits for what they do."""
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(_STOPPED)


def perform(order: Order) -> Outcome:
    """Do what was ordered; whatever goes wrong is told."""
    # Here, so that the lifeline holds before anything heavy is loaded.
    from millwright.workspace.worker.execution import check_params, code_digest, execute, forecast

    tasks = {Task.RUN: execute, Task.CODE: code_digest, Task.FORECAST: forecast, Task.PARAMS: check_params}
    try:
        return tasks[order.task](order)
    except BaseException as error:  # noqa: BLE001 - this is where it ends
        return Outcome(end=End.AGAIN, error=f"{type(error).__name__}: {error}")


def main() -> None:
    """Read the order, do it, tell the outcome."""
    # A service manager that stops the worker asks every process of it; when this one ends, the worker decides.
    signal.signal(signal.SIGTERM, lambda *_: None)  # not SIG_IGN, which what a step starts would inherit
    # What steps print goes where the worker's log goes: standard output is for the outcome.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    orders = os.fdopen(os.dup(0), "rb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    line = orders.readline()
    if not line:  # the worker died first
        return
    order = read_order(line)
    Lifeline(orders, order.lease_until).hold()
    had = loaded_libraries()
    outcome = replace(perform(order), libraries=loaded_libraries(besides=had))
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    with contextlib.suppress(OSError):
        answers.write(line_of(outcome))
        answers.close()
    os._exit(0)  # threads of user code may never end


if __name__ == "__main__":
    main()
