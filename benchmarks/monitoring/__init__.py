"""Drift, summaries and estimated performance beside Evidently, NannyML and NumPy by hand.

Each piece of work runs in a process of its own that reads two Parquet files into the tool's own tables first; what is
compared is the processor time of the work alone, of all its threads, and the most memory that the process held. The
values that two tools both give are compared, too. `MONITORING_ROWS` says how many rows a side (1,000,000),
`MONITORING_ROUNDS` how many rounds (3); Evidently, which takes minutes, runs in two of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.monitoring.table import make
from benchmarks.result import Comparison, Result

if TYPE_CHECKING:
    from collections.abc import Iterable

OURS, COLUMNS, BARE = "Millwright", "Millwright, from files", "NumPy by hand"
NANNYML, EVIDENTLY, CHOSEN = "NannyML", "Evidently", "Evidently, KS and chi²"
FOLD, ESTIMATE, ESTIMATE_NANNYML = "fold", "estimate", "estimate, NannyML"
_DRIVERS = Path(__file__).with_name("drivers")
_SLOW_ROUNDS = 2
_VERSION = "from importlib.metadata import version; print(version('{}'))"


class Runs:
    """What was found by all processes.

    Args:
        folder: With the tables.
    """

    def __init__(self, folder: Path) -> None:
        self.found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._folder = folder
        evidently, nannyml = os.environ.get("EVIDENTLY_PYTHON", ""), os.environ.get("NANNYML_PYTHON", "")
        named = {
            OURS: (sys.executable, "ours.py", "drift"),
            COLUMNS: (sys.executable, "ours.py", "columns"),
            BARE: (sys.executable, "bare.py", "drift"),
            FOLD: (sys.executable, "ours.py", "fold"),
            ESTIMATE: (sys.executable, "ours.py", "estimate"),
            NANNYML: (nannyml, "nannyml_driver.py", "drift"),
            ESTIMATE_NANNYML: (nannyml, "nannyml_driver.py", "estimate"),
            CHOSEN: (evidently, "evidently_driver.py", "chosen"),
            EVIDENTLY: (evidently, "evidently_driver.py", "default"),
        }
        self.commands = {name: command for name, command in named.items() if command[0]}

    def round(self, number: int) -> None:
        """All of them once, every other time in the opposite order."""
        for name in list(self.commands)[:: -1 if number % 2 else 1]:
            if name in {EVIDENTLY, CHOSEN} and number >= _SLOW_ROUNDS:
                continue
            python, script, work = self.commands[name]
            command = [python, "-W", "ignore", str(_DRIVERS / script), str(self._folder), work]
            done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=self._folder)
            if done.returncode:
                raise RuntimeError(f"{name} failed:\n{done.stderr[-2000:]}")
            found = json.loads(done.stdout.splitlines()[-1])
            self.found[name].append(found)
            spent = ", ".join(f"{seconds:.2f} s" for seconds in found["cpu_s"].values())
            print(f"  round {number + 1}: {name}: {spent}, {found['memory_mib']:.0f} MiB", flush=True)

    def cpu(self, name: str) -> list[float]:
        """Processor seconds of the work in each round; none for a tool that is not there."""
        return [seconds for each in self.found[name] for seconds in each["cpu_s"].values()]

    def memory(self, name: str) -> list[float]:
        """MiB of the process in each round."""
        return [each["memory_mib"] for each in self.found[name]]

    def difference(self, one: str, other: str, values: str) -> list[float]:
        """The largest difference of values that both gave, in each round."""
        pairs = zip(self.found[one], self.found[other], strict=False)
        return [
            max(abs(a["values"][values][key] - b["values"][values][key]) for key in a["values"][values])
            for a, b in pairs
        ]


def run() -> list[Result | Comparison]:
    """Go through the work in interleaved rounds."""
    rows, rounds = int(os.environ.get("MONITORING_ROWS", "1000000")), int(os.environ.get("MONITORING_ROUNDS", "3"))
    with tempfile.TemporaryDirectory(prefix="mw-bench-") as name:
        folder = Path(name)
        make(folder, rows)
        runs = Runs(folder)
        for number in range(max(rounds, 2)):
            runs.round(number)
    table = [*_drift(runs, f"{rows:,}"), *_estimate(runs, f"{rows:,}"), *_values(runs)]
    return [*table, *_fold(runs), *_live()]


def _drift(runs: Runs, rows: str) -> Iterable[Comparison]:
    about = f"drift, {rows} beside {rows} rows of 20 columns"
    bars = ((BARE, 1 / 1.5), (NANNYML, 3.0), (EVIDENTLY, 30.0), (CHOSEN, None))
    known = [(peer, bar) for peer, bar in bars if runs.found[peer]]
    for peer, bar in known:
        samples = {OURS: runs.cpu(OURS), "the other": runs.cpu(peer)}
        yield Comparison(
            work=f"{about}, beside {_titled(runs, peer)}", samples=samples, unit="CPU s", smaller=True, bar=bar
        )
    for peer, _ in known:
        if peer == CHOSEN:
            continue
        bar = None if peer == BARE else 3.0
        for ours, how in (
            (OURS, "both tables in memory"),
            (COLUMNS, "ours from the files, as `mw monitor compare` reads them"),
        ):
            yield Comparison(
                work=f"the same, memory of the process, {how}, beside {_titled(runs, peer)}",
                samples={OURS: runs.memory(ours), "the other": runs.memory(peer)},
                unit="MiB", smaller=True, bar=bar,
            )  # fmt: skip
    samples = {COLUMNS: runs.cpu(COLUMNS), "from tables in memory": runs.cpu(OURS)}
    yield Comparison(work=f"{about}, each read from Parquet", samples=samples, unit="CPU s", smaller=True)


def _estimate(runs: Runs, rows: str) -> Iterable[Comparison]:
    if not runs.found[ESTIMATE_NANNYML]:
        return
    samples = {OURS: runs.cpu(ESTIMATE), "the other": runs.cpu(ESTIMATE_NANNYML)}
    about = f"estimated performance of {rows} rows, five metrics with intervals, beside {_titled(runs, NANNYML)} (CBPE)"
    yield Comparison(work=about, samples=samples, unit="CPU s", smaller=True, bar=10.0)


def _values(runs: Runs) -> Iterable[Result]:
    """How far values lie apart, in millionths."""
    pairs = [(OURS, BARE, "kolmogorov_smirnov", 1e-3), (OURS, BARE, "wasserstein", 1e-3)]
    if NANNYML in runs.commands:
        pairs += [(OURS, NANNYML, "kolmogorov_smirnov", None), (ESTIMATE, ESTIMATE_NANNYML, "estimate", 1.0)]
    for one, other, values, bar in pairs:
        samples = [1e6 * each for each in runs.difference(one, other, values)]
        work = f"largest difference of {values.replace('_', ' ')} from {other.removeprefix('estimate, ')}"
        yield Result(work=work, samples=samples, unit="millionths", bar=bar)


def _fold(runs: Runs) -> Iterable[Result]:
    """Microseconds a cell, so that the bar is one: a million cells a second."""
    cells = [each["values"]["cells"]["cells"] for each in runs.found[FOLD]]
    samples = [1e6 * seconds / count for seconds, count in zip(runs.cpu(FOLD), cells, strict=True)]
    yield Result(work="fold into summaries, 10,000 rows at a time", samples=samples, unit="CPU µs a cell", bar=1.0)


def _live() -> Iterable[Result]:
    """Queries over a month of summaries."""
    if find_spec("benchmarks.monitoring.live"):
        yield from import_module("benchmarks.monitoring.live").rows()


def _titled(runs: Runs, peer: str) -> str:
    package = "nannyml" if peer == NANNYML else "evidently"
    if peer == BARE:
        return peer
    python = runs.commands[peer][0]
    found = subprocess.run([python, "-c", _VERSION.format(package)], check=True, capture_output=True, text=True)
    head, _, rest = peer.partition(",")
    return f"{head} {found.stdout.strip()}" + (f" ({rest.strip()})" if rest else "")
