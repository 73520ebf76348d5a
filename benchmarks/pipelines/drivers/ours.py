"""Millwright: `python ours.py WORK SEED HOME`."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

import pandas as pd  # noqa: F401 - loaded as the steps' file would, before the clock starts
import pyarrow as pa  # noqa: F401
from works import LONG, checksum, tell

import millwright as mw
from millwright.pipelines.runner import RunOptions
from millwright.workspace.workspace import Workspace

HERE = Path(__file__).parent


def main() -> None:
    """Run one of the pipelines."""
    work, seed, home = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    for name in ("works.py", "ours_pipeline.py"):
        shutil.copyfile(HERE / name, home / name)
    file = home / "ours_pipeline.py"
    with Workspace.open(home) as workspace:
        launcher = workspace.launcher  # opens the store and loads what runs need: the start-up
        begun = time.perf_counter()
        if work == "plan":
            told = launcher.explain(f"{file}:plan", {"seed": seed}, RunOptions())
            took = time.perf_counter() - begun
            assert len(told) == LONG
            tell(took, sum(step.cached is True for step in told))
            return
        result = launcher.run(f"{file}:{'plan' if work == 'fill' else work}", {"seed": seed}, RunOptions())
        took = time.perf_counter() - begun
        value = result.value(result.steps[-1].step)
        tell(took, checksum(value) if work == "chain" else value)


def can_map() -> bool:
    """Whether steps can be mapped yet."""
    return hasattr(mw.step(tell), "map")


if __name__ == "__main__":
    if sys.argv[1] == "can-map":
        tell(0.0, can_map())
    else:
        main()
