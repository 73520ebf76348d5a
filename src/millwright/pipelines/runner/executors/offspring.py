"""The processes that a step starts in a process that outlives it, and their end."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psutil

_GRACE_S = 2.0
_POLL_S = 0.02
_MOST_ROUNDS = 3  # what is asked to end may start something first
# Serve this process, and not the step during which they happened to begin; they end by themselves with it.
_SERVERS = ("millwright.core.forking.server", "resource_tracker")


class Offspring:
    """Processes that are children of this one and have begun since this was made, with their own children.

    What has detached itself, so that its parent is gone, is not known any more. Nothing is looked at before `end`
    except, on Linux, one small file.
    """

    def __init__(self) -> None:
        self._before = _children_of_thread()
        self._began = _now()

    def end(self, grace_s: float = _GRACE_S) -> None:
        """Ask them to end, and kill those that have not after so many seconds.

        Args:
            grace_s: For all together, ≥ 0; a Ctrl-C within it kills at once.
        """
        until = time.monotonic() + grace_s
        asked: list[psutil.Process] = []
        try:
            for _ in range(_MOST_ROUNDS):
                new = [process for process in self._living() if process not in asked]
                if not new:
                    break
                _each(new, "terminate")
                asked += new
                while time.monotonic() < until and any(map(_lives, asked)):
                    time.sleep(_POLL_S)
        finally:
            _each(dict.fromkeys([*asked, *self._living()]), "kill")

    def _living(self) -> list[psutil.Process]:
        """They, as far as they can be found; those that have ended and that nobody has asked for it left out."""
        import psutil

        found: list[psutil.Process] = []
        with suppress(psutil.Error):
            for child in psutil.Process().children():
                if child.pid not in self._before and _start(child) >= self._began and not _is_server(child):
                    found.append(child)
                    with suppress(psutil.Error):
                        found += child.children(recursive=True)
        return [process for process in found if _lives(process)]


def _each(processes: Iterable[psutil.Process], action: str) -> None:
    import psutil

    for process in processes:
        with suppress(psutil.Error):  # it has ended, or become somebody else's
            getattr(process, action)()


def _lives(process: psutil.Process) -> bool:
    import psutil

    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _is_server(process: psutil.Process) -> bool:
    import psutil

    try:
        return any(name in word for word in process.cmdline() for name in _SERVERS)
    except psutil.Error:
        return False


# When a process began is told by Linux in hundredths of a second since the machine did, by others as a time of day.
_TICKS = os.sysconf("SC_CLK_TCK") if sys.platform == "linux" else 0


def _now() -> float:
    return int(time.clock_gettime(time.CLOCK_BOOTTIME) * _TICKS) if sys.platform == "linux" else time.time()


def _start(process: psutil.Process) -> float:
    import psutil

    if sys.platform != "linux":
        return process.create_time()
    try:  # psutil adds the time at which the machine began, which it knows to the second
        return int(Path(f"/proc/{process.pid}/stat").read_bytes().rpartition(b")")[2].split()[19])
    except (OSError, IndexError) as error:
        raise psutil.NoSuchProcess(process.pid) from error


def _children_of_thread() -> frozenset[int]:
    """The children that this thread has already; elsewhere than on Linux none.

    A hundredth of a second is much to a step: what the step before it started last may count as begun by now.
    """
    if sys.platform != "linux":
        return frozenset()
    try:
        number = os.open("/proc/thread-self/children", os.O_RDONLY)
    except OSError:  # the kernel was built without it
        return frozenset()
    try:
        return frozenset(map(int, os.read(number, 1 << 16).split()))
    finally:
        os.close(number)
