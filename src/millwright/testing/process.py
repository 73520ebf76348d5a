"""Work on a store in other processes and threads, and processes that are killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from millwright.testing.conformance import Opener

T = TypeVar("T")
_PATIENCE_S = 60


def in_processes(opener: Opener, work: Callable[[Any, int], T], *, count: int = 2) -> list[T]:
    """Call `work(store, number)` in several processes at once, each of which opens the store by itself.

    Args:
        opener: Can be pickled.
        work: A function at the top of a module.
        count: How many processes.

    Returns:
        What each call returned, by number.
    """
    # Not forked: a fork of a process with threads (Polars has some) may never come to an end.
    with ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn")) as pool:
        return list(pool.map(partial(_open_and_work, opener, work), range(count), timeout=_PATIENCE_S))


def in_threads(work: Callable[[int], T], *, count: int = 8) -> list[T]:
    """Call `work(number)` in several threads at once.

    Returns:
        What each call returned, by number.
    """
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, range(count), timeout=_PATIENCE_S))


def in_killed_process(opener: Opener, work: Callable[[Any, Callable[[Any], None]], None]) -> Any:
    """Call `work(store, acknowledge)` in a process that gets SIGKILL the moment it calls `acknowledge(value)`.

    Args:
        opener: Can be pickled.
        work: A function at the top of a module.

    Returns:
        The acknowledged value.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work_and_wait, args=(opener, work, sender))
    process.start()
    sender.close()
    try:
        if not receiver.poll(_PATIENCE_S):
            raise TimeoutError(f"The process acknowledged nothing within {_PATIENCE_S} s.")
        return receiver.recv()
    finally:
        if process.pid is not None:
            os.kill(process.pid, signal.SIGKILL)
        process.join()
        process.close()
        receiver.close()


def _open_and_work(opener: Opener, work: Callable[[Any, int], T], number: int) -> T:
    with opener() as store:
        return work(store, number)


def _work_and_wait(opener: Opener, work: Callable[[Any, Callable[[Any], None]], None], sender: Connection) -> None:
    def acknowledge(value: Any) -> None:
        sender.send(value)
        time.sleep(_PATIENCE_S)  # the kill comes here, whatever is open at this moment

    with opener() as store:
        work(store, acknowledge)
