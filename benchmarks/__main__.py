"""`python -m benchmarks [NAME …]`: run benchmarks, without names all, and rewrite their sections of RESULTS.md."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

from benchmarks.result import write_page

NOT_BENCHMARKS = {"__init__", "__main__", "result"}


def main() -> None:
    """Run what the command line names."""
    places = [
        *Path(__file__).parent.glob("*.py"),
        *(each.parent for each in Path(__file__).parent.glob("*/__init__.py")),
    ]
    known = sorted(path.stem for path in places if path.stem not in NOT_BENCHMARKS)
    names = sys.argv[1:] or known
    if unknown := [name for name in names if name not in known]:
        sys.exit(f"There is no benchmark {', '.join(unknown)}; there are {', '.join(known)}.")
    for name in names:
        print(f"{name} …", flush=True)
        benchmark = import_module(f"benchmarks.{name}")
        results = benchmark.run()
        print("\n".join(result.row() for result in results))
        if not os.environ.get("PIPELINES_ONLY"):  # a part of a comparison is none
            write_page({name: results}, benchmark.versions() if hasattr(benchmark, "versions") else ())
            print("Written: benchmarks/RESULTS.md")


main()
