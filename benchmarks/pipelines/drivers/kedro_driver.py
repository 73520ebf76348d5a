"""Kedro: `python kedro_driver.py WORK SEED HOME`; steps hand on files, and are skipped when their files are there."""

from __future__ import annotations

import logging
import sys
import time
from functools import partial
from pathlib import Path

from kedro.io import DataCatalog
from kedro.pipeline import Pipeline, node
from kedro.runner import SequentialRunner
from kedro_datasets.json import JSONDataset
from kedro_datasets.pandas import ParquetDataset
from works import ITEMS, LONG, STEPS, add, bump, checksum, load, square, tell, total

logging.disable(logging.WARNING)


def _chain(seed: int, home: Path) -> tuple[Pipeline, DataCatalog]:
    nodes = [node(partial(load, seed), None, "t0", name="load")]
    nodes += [node(add, f"t{number - 1}", f"t{number}", name=f"add{number}") for number in range(1, STEPS)]
    files = {f"t{n}": ParquetDataset(filepath=str(home / f"chain-{seed}-{n}.parquet")) for n in range(STEPS)}
    return Pipeline(nodes), DataCatalog(files)


def _map(seed: int, home: Path) -> tuple[Pipeline, DataCatalog]:
    nodes = [node(partial(square, seed + n), None, f"s{n}", name=f"square{n}") for n in range(ITEMS)]
    nodes.append(node(lambda *numbers: total(list(numbers)), [f"s{n}" for n in range(ITEMS)], "total", name="total"))
    files = {
        name: JSONDataset(filepath=str(home / f"map-{seed}-{name}.json")) for each in nodes for name in each.outputs
    }
    return Pipeline(nodes), DataCatalog(files)


def _plan(seed: int, home: Path) -> tuple[Pipeline, DataCatalog]:
    nodes = [node(partial(bump, seed), None, "v0", name="start")]
    nodes += [node(bump, f"v{n - 1}", f"v{n}", name=f"bump{n}") for n in range(1, LONG)]
    files = {f"v{n}": JSONDataset(filepath=str(home / f"plan-{seed}-{n}.json")) for n in range(LONG)}
    return Pipeline(nodes), DataCatalog(files)


def main() -> None:
    """Run one of the pipelines."""
    work, seed, home = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    begun = time.perf_counter()
    pipeline, catalog = {"chain": _chain, "map": _map}.get(work, _plan)(seed, home)
    SequentialRunner().run(pipeline, catalog, only_missing_outputs=True)
    took = time.perf_counter() - begun
    if work in {"plan", "fill"}:
        tell(took, sum(catalog.exists(f"v{n}") for n in range(LONG)))
    else:
        tell(took, checksum(catalog.load(f"t{STEPS - 1}")) if work == "chain" else catalog.load("total"))


main()
