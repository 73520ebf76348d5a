"""Limits of memory: how much a process holds, and what a step is told that took more than it may."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from millwright.core.periodic_thread import PeriodicThread
from millwright.pipelines.annotations import parse_size
from millwright.pipelines.runner.failure import StepFailure

if TYPE_CHECKING:
    from collections.abc import Callable

WATCH_S = 0.05


def held_bytes(pid: int) -> int:
    """Bytes that a process and its children hold; 0 when it is gone."""
    import psutil

    try:
        process = psutil.Process(pid)
        return int(sum(each.memory_info().rss for each in (process, *process.children(recursive=True))))
    except psutil.Error:
        return 0


def too_much_memory(used: int, limit: str) -> StepFailure | None:
    """What a step has done wrong that holds some bytes; None when it is within its limit, or has none.

    Args:
        used: Bytes.
        limit: Such as `300MiB`; empty for none.
    """
    if not limit or used <= parse_size(limit):
        return None
    return StepFailure(
        kind="MemoryError",
        text=f"MemoryError: took {used / 2**20:,.0f} MiB of memory, and its limit is {limit}",
        classes=("builtins.MemoryError", "builtins.Exception"),
        is_mistake=True,  # it would take as much the next time
    )


def memory_guard(limit: str, tell: Callable[[StepFailure], None], *, spared: int = 0) -> PeriodicThread:
    """Ends this process, with its children, as soon as they hold more than a limit: a context for one step.

    Args:
        limit: Such as `300MiB`.
        tell: Given the failure before the end; what it raises changes nothing.
        spared: Bytes that do not count: what earlier steps have left behind in this process.
    """

    def look() -> None:
        failure = too_much_memory(held_bytes(os.getpid()) - spared, limit)
        if failure is not None:
            with suppress(Exception):  # nobody may be there any more; the limit holds all the same
                tell(failure)
            _end()

    return PeriodicThread(look, WATCH_S, name="millwright-memory", trouble="A limit of memory is not watched")


def _end() -> None:
    import psutil

    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            child.kill()
    os._exit(1)
