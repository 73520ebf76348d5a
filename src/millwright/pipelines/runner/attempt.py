"""How long a step may take, and how long to wait before it is tried again."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.pipelines.graph.spec import StepOptions

LONGEST_WAIT_S = 600.0


def wait_before(options: StepOptions, failed: int) -> float:
    """Seconds before the next attempt: the step's first wait, doubled after each further failure, at most 10 minutes.

    Args:
        options: The step's.
        failed: How many attempts have failed, from 1.
    """
    return float(min(LONGEST_WAIT_S, options.retry_wait_s * 2 ** (failed - 1)))


def can_stop() -> bool:
    """Whether `deadline` can stop code that executes here: in the main thread, on Unix."""
    return threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer")


@contextmanager
def deadline(seconds: float | None) -> Iterator[None]:
    """A context that raises TimeoutError when it lasts too long.

    In the main thread on Unix the code is stopped as soon as Python executes again; elsewhere nothing can stop it, and
    the error comes when it has ended.

    Args:
        seconds: How long; None for no limit.
    """
    if seconds is None:
        yield
        return
    message = f"took longer than {seconds:g} s"
    started = time.monotonic()
    if not can_stop():
        yield
        if time.monotonic() - started > seconds:
            raise TimeoutError(message)
        return

    def stop(*_: Any) -> None:
        raise TimeoutError(message)

    previous = signal.signal(signal.SIGALRM, stop)
    running, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
        if running:  # somebody else's timer goes on with what is left of it
            signal.setitimer(signal.ITIMER_REAL, max(0.001, running - (time.monotonic() - started)))
