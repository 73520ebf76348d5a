"""One run of one tool, as a process of its own."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

DRIVERS = Path(__file__).with_name("drivers")


@dataclass(frozen=True, kw_only=True, slots=True)
class Tool:
    """A tool.

    Attributes:
        python: The variable that names its interpreter; empty for this one.
        driver: Its file in `drivers`.
        package: Whose version is shown; empty for none.
        caches: Whether a second run can take what the first one gave.
        maps: Whether it maps a step over a list.
        plans: Whether it can say beforehand what would be taken from the cache.
        needs_set_up: Whether something has to be made before the first run.
    """

    python: str
    driver: str
    package: str
    caches: bool = False
    maps: bool = True
    plans: bool = False
    needs_set_up: bool = False

    @property
    def interpreter(self) -> str:
        """The interpreter of its environment."""
        found = os.environ.get(self.python, "") if self.python else sys.executable
        if not found:
            sys.exit(
                f"Set {self.python} to the interpreter of an environment with that peer; see benchmarks/README.md."
            )
        return found

    @property
    def version(self) -> str:
        """What is measured."""
        if not self.package:
            return f"Python {sys.version.split()[0]}"
        code = f"import importlib.metadata; print(importlib.metadata.version({self.package!r}))"
        found = subprocess.run([self.interpreter, "-c", code], check=True, capture_output=True, text=True)
        return f"{self.package} {found.stdout.strip()}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What a run told.

    Attributes:
        engine_s: Seconds from when everything was imported and up to when the result was there.
        whole_s: Seconds of the whole process.
        cpu_s: Processor seconds of it and of the processes that it started and waited for.
        value: What the last step gave.
    """

    engine_s: float
    whole_s: float
    cpu_s: float
    value: float


def perform(tool: Tool, work: str, seed: int, home: Path) -> Told:
    """Have a tool do something.

    Raises:
        RuntimeError: It failed; the message ends with what it said last.
    """
    home.mkdir(exist_ok=True)
    command = [tool.interpreter, str(DRIVERS / f"{tool.driver}.py"), work, str(seed), str(home)]
    before, begun = _cpu(), time.perf_counter()
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)
    whole, cpu = time.perf_counter() - begun, _cpu() - before
    told = [line for line in done.stdout.splitlines() if line.startswith("TOLD ")]
    if done.returncode or (not told and work != "set-up"):
        raise RuntimeError(f"{tool.driver}, {work}: {done.stdout[-1000:]} {done.stderr[-2000:]}")
    found = json.loads(told[-1].removeprefix("TOLD ")) if told else {"engine": 0.0, "value": 0.0}
    return Told(engine_s=found["engine"], whole_s=whole, cpu_s=cpu, value=found["value"])


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
