"""How long `import millwright` takes beyond an empty interpreter, and `mw --help` as a whole process."""

from __future__ import annotations

import subprocess
import sys
from statistics import median
from time import perf_counter

from benchmarks.result import Result

ROUNDS = 15
EMPTY = "empty interpreter"
COMMANDS = {
    EMPTY: [sys.executable, "-c", "pass"],
    "import millwright": [sys.executable, "-c", "import millwright"],
    "mw --help": [sys.executable, "-m", "millwright", "--help"],
}


def run() -> list[Result]:
    """Interleaved rounds after one to warm the disk's cache."""
    samples: dict[str, list[float]] = {work: [] for work in COMMANDS}
    for number in range(ROUNDS + 1):
        for work, command in COMMANDS.items():
            started = perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            if number:
                samples[work].append((perf_counter() - started) * 1e3)
    empty = median(samples[EMPTY])
    loading = [sample - empty for sample in samples["import millwright"]]
    return [
        Result(work=EMPTY, samples=samples[EMPTY], unit="ms"),
        Result(work="import millwright, beyond that", samples=loading, unit="ms", bar=150.0),
        Result(work="mw --help, the whole process", samples=samples["mw --help"], unit="ms", bar=250.0),
    ]
