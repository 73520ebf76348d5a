"""Work on a store in other processes and threads, and processes that are killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerContext

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
    with ProcessPoolExecutor(count, mp_context=_context()) as pool:
        call = partial(_open_and_work, opener, work, dict(os.environ))
        return list(pool.map(call, range(count), timeout=_PATIENCE_S))


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
    context = _context()
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work_and_wait, args=(opener, work, dict(os.environ), sender))
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


@cache
def _context() -> ForkServerContext:
    """Processes are forked from one that has loaded the stores and nothing else.

    A fork of this one may never come to an end, for it has threads (Polars has some); and loading the stores takes
    longer than most of what is done with them.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["millwright.storage.catalog"])
    return context


def _open_and_work(opener: Opener, work: Callable[[Any, int], T], environment: Mapping[str, str], number: int) -> T:
    _take(environment)
    with opener() as store:
        return work(store, number)


def _work_and_wait(
    opener: Opener,
    work: Callable[[Any, Callable[[Any], None]], None],
    environment: Mapping[str, str],
    sender: Connection,
) -> None:
    def acknowledge(value: Any) -> None:
        sender.send(value)
        time.sleep(_PATIENCE_S)  # the kill comes here, whatever is open at this moment

    _take(environment)
    with opener() as store:
        work(store, acknowledge)


def _take(environment: Mapping[str, str]) -> None:
    """The environment as it is now, and not as it was when the first process was started."""
    os.environ.clear()
    os.environ.update(environment)
