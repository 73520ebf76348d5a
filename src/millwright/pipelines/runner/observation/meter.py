"""What an execution takes of the machine."""

from __future__ import annotations

import os
import re
import sys
import time
from typing import TYPE_CHECKING, Any

from millwright.core.records.pipeline import StepUsage
from millwright.pipelines.annotations import Resources
from millwright.pipelines.runner.observation.price import Prices, estimated_cost
from millwright.pipelines.runner.observation.pulse import resident_bytes

try:
    import resource
except ImportError:  # Windows has none: children are not counted there
    resource = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024
_NOTHING = Resources()
_STATUS_BYTES = 1 << 16  # it has some fifteen hundred
_MEMORY = re.compile(rb"VmHWM:\s*(\d+) kB\s+VmRSS:\s*(\d+) kB")


class Meter:
    """Measures from its creation to `stop`.

    Processor time is that of the process and of those children that it has waited for. Memory is the largest of what
    was seen every 50 ms, of what is held at the end, and of the system's own high-water mark: where that can be set
    back (on Linux, and while nothing else is measured) it is exact, elsewhere it counts if it has risen.

    Args:
        services: May hold `Prices`.
        alone: Whether nothing else is measured in this process.
    """

    def __init__(self, services: Mapping[type, object], *, alone: bool = False) -> None:
        found = services.get(Prices)
        self._prices = found if isinstance(found, Prices) else Prices()
        self._seconds: float | None = None
        self._peak = 0
        self._used = 0.0
        self._highest = 0 if alone and _forget_high_water() else _memory()[0]
        self._cpu = _cpu_s()
        self._started = time.perf_counter()

    def see(self, memory_bytes: int) -> None:
        """So much memory is held at this moment."""
        self._peak = max(self._peak, memory_bytes)

    def stop(self) -> None:
        """The execution has ended; nothing happens the second time."""
        if self._seconds is None:
            self._seconds = time.perf_counter() - self._started
            self._used = max(0.0, _cpu_s() - self._cpu)
            highest, held = _memory()
            self._peak = max(self._peak, held, highest if highest > self._highest else 0)

    def usage(self, resources: Resources | None = None) -> StepUsage:
        """What it took until it was stopped.

        Args:
            resources: What the step asked for, for the estimate of its cost.
        """
        self.stop()
        cost = None
        if self._prices:
            cost = estimated_cost(
                self._prices,
                resources or _NOTHING,
                seconds=self._seconds or 0.0,
                cpu_s=self._used,
                peak_memory_bytes=self._peak,
            )
        return StepUsage(cpu_s=self._used, peak_memory_bytes=self._peak, cost=cost)


def _cpu_s() -> float:
    if resource is None:
        return time.process_time()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _memory() -> tuple[int, int]:
    """The most memory that this process has held, since it was set back or began (0 if nobody knows); and holds now."""
    if sys.platform == "linux":
        # Not `ru_maxrss`: a program that was started begins with what its parent held.
        try:
            found = _MEMORY.search(_exchanged("/proc/self/status", os.O_RDONLY, os.read, _STATUS_BYTES))
        except OSError:
            found = None
        if found is not None:
            return int(found[1]) * 1024, int(found[2]) * 1024
    highest = 0 if resource is None else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_UNIT
    return highest, resident_bytes()


def _forget_high_water() -> bool:
    """Set the high-water mark back to what is held now; False where that is not possible."""
    if sys.platform != "linux":
        return False
    try:
        _exchanged("/proc/self/clear_refs", os.O_WRONLY, os.write, b"5")
    except OSError:
        return False
    return True


def _exchanged(path: str, flags: int, exchange: Callable[[int, Any], Any], what: Any) -> Any:
    """One system call on a file: three times as fast as a file object, and made for each step."""
    number = os.open(path, flags)
    try:
        return exchange(number, what)
    finally:
        os.close(number)
