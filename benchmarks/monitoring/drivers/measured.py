"""What every driver does: take a piece of work's processor time, and tell what came of it. Needs Python's own only."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

_found: dict[str, Any] = {"cpu_s": {}, "wall_s": {}, "values": {}}


class Work:
    """`with Work("drift"): …` notes the processor time of all threads, and the time that passed.

    Args:
        name: As the benchmark calls it.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    def __exit__(self, *problem: object) -> None:
        _found["cpu_s"][self._name] = time.process_time() - self._cpu
        _found["wall_s"][self._name] = time.perf_counter() - self._wall


def keep(name: str, values: dict[str, float]) -> None:
    """Values to be compared with those of others."""
    _found["values"][name] = values


def tell() -> None:
    """The last line: all that was found, and the most memory that the process ever held."""
    _found["memory_mib"] = _most_memory()
    print(json.dumps(_found))


def _most_memory() -> float:
    """MiB; Linux's `ru_maxrss` is at least what the process that started this one held, which the file leaves out."""
    if sys.platform == "linux":
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
        return float(next(line.split()[1] for line in lines if line.startswith("VmHWM:"))) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
