"""Metaflow: `python metaflow_driver.py WORK SEED HOME`; the local runner and store."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from works import checksum, tell


def main() -> None:
    """Run one of the flows, as the command line does."""
    work, seed, home = sys.argv[1], sys.argv[2], sys.argv[3]
    told = {
        **os.environ,
        "METAFLOW_DATASTORE_SYSROOT_LOCAL": str(Path(home, "store")),
        "METAFLOW_HOME": str(Path(home, "home")),
        "METAFLOW_USER": "bench",
        "USERNAME": "bench",
    }
    file = Path(__file__).with_name(f"metaflow_{work}.py")
    number = Path(home, "run-id")
    begun = time.perf_counter()
    command = [sys.executable, str(file), "--quiet", "run", "--seed", seed, "--run-id-file", str(number)]
    command += ["--max-num-splits", "2000", "--max-workers", "2"]
    subprocess.run(command, env=told, cwd=home, check=True, stdout=subprocess.DEVNULL)
    took = time.perf_counter() - begun
    os.environ |= told
    os.chdir(home)
    from metaflow import Run, namespace

    namespace(None)
    data = Run(f"{'Chain' if work == 'chain' else 'Mapped'}/{number.read_text()}").data
    tell(took, checksum(data.table) if work == "chain" else data.total)


main()
