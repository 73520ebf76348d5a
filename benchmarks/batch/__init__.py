"""A table predicted from Parquet to Parquet, beside a bare loop over ONNX Runtime that does no more than it must.

Both read the same file in chunks of 50,000 rows, compute on one thread and write the same columns with the same
compression, which is checked; whatever else Arrow and Polars do in threads is theirs. Ours also checks each value
against the signature, keeps a journal to go on after a kill, and notes digests for lineage. "Engine" begins when all is
imported; a whole process has its start in it. `BATCH_ROWS` says how many rows (1,000,000), `BATCH_ROUNDS` how many
rounds (5).
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.batch.table import REF, make
from benchmarks.result import Comparison

if TYPE_CHECKING:
    from benchmarks.result import Result

OURS, BARE, COMMAND = "Millwright", "bare loop", "mw predict"
_HERE = Path(__file__).parent
_KINDS = {"numbers": "10 numbers, logistic regression", "trees": "8 numbers, 2 categories, 100 trees"}
_FIGURES = {"engine_s": "engine", "engine_cpu_s": "engine, processor", "whole_s": "whole process", "cpu_s": "processor"}
_SHARE = 0.8


def run() -> list[Result | Comparison]:
    """Go through the tables in interleaved rounds."""
    rows, rounds = int(os.environ.get("BATCH_ROWS", "1000000")), int(os.environ.get("BATCH_ROUNDS", "5"))
    table: list[Result | Comparison] = []
    with tempfile.TemporaryDirectory(prefix="mw-bench-") as name:
        for kind, about in _KINDS.items():
            folder = Path(name, kind)
            make(folder, kind, rows)
            found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
            commands = _commands(folder)
            for number in range(rounds + 1):
                for who in list(commands)[:: -1 if number % 2 else 1]:
                    told = _perform(commands[who], folder / "ours")
                    for figure, seconds in told.items():
                        found[figure][who] += [rows / seconds] if number else []  # the first round warms up
                _compare(folder)
            table += [_row(f"{about}, {said}", found[figure]) for figure, said in _FIGURES.items()]
            print("\n".join(f"  {row.row()}" for row in table[-len(_FIGURES) :]), flush=True)
    return table


def _row(work: str, found: dict[str, list[float]]) -> Comparison:
    samples = {name: found.get(name, []) for name in (OURS, BARE, COMMAND)}
    return Comparison(work=work, samples=samples, unit="rows/s", bar=_SHARE, peers=(BARE,), quartiles=True)


def _commands(folder: Path) -> dict[str, list[str]]:
    given = ["--input", str(folder / "rows.parquet"), "--output", str(folder / f"{COMMAND}.parquet")]
    scripts = {OURS: "ours.py", BARE: "bare.py"}
    return {
        **{
            who: [sys.executable, str(_HERE / script), str(folder), str(folder / f"{who}.parquet")]
            for who, script in scripts.items()
        },
        COMMAND: [str(Path(sys.executable).with_name("mw")), "predict", REF, *given],
    }


def _perform(command: list[str], folder: Path) -> dict[str, float]:
    """One process: what it tells, and what it took as a whole."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder)
    whole, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    last = done.stdout.splitlines()[-1] if done.stdout else ""
    return {**(json.loads(last) if last.startswith('{"engine_s"') else {}), "whole_s": whole, "cpu_s": cpu}


def _compare(folder: Path) -> None:
    """All wrote the same rows."""
    import polars as pl
    from polars.testing import assert_frame_equal

    expected = pl.read_parquet(folder / f"{BARE}.parquet")
    for who in (OURS, COMMAND):
        assert_frame_equal(pl.read_parquet(folder / f"{who}.parquet"), expected, rel_tol=1e-6)
        (folder / f"{who}.parquet").unlink()
