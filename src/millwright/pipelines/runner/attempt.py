"""Calls a step's function: again after an error that may pass, and not for longer than allowed."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from millwright.core.errors import MillwrightError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from millwright.pipelines.graph.spec import StepOptions

_FIRST_WAIT_S = 0.2
_LONGEST_WAIT_S = 30.0
_CLIENT_ERRORS = 500  # statuses below are the caller's mistakes


def attempt(
    call: Callable[[], Any],
    options: StepOptions,
    *,
    on_retry: Callable[[int, Exception], None],
    sleep: Callable[[float], None] = time.sleep,
) -> Any:
    """What a call returns.

    It is repeated after an exception, at most `options.retries` times, after waits of 0.2 s doubling up to 30 s; a
    mistake in the input stays one, and is not repeated.

    Args:
        call: The function with its arguments.
        options: The step's.
        on_retry: Told the number of the attempt that failed and its error.
        sleep: Waits some seconds.

    Raises:
        TimeoutError: The last attempt took longer than allowed.
        Exception: Whatever the last attempt raised.
    """
    for number in range(1, options.retries + 2):
        try:
            with deadline(options.timeout_s):
                return call()
        except Exception as error:
            if number > options.retries or _is_mistake(error):
                raise
            on_retry(number, error)
            sleep(min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2 ** (number - 1)))
    raise AssertionError("the last attempt returns or raises")


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
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
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


def _is_mistake(error: Exception) -> bool:
    return isinstance(error, MillwrightError) and error.http_status < _CLIENT_ERRORS
