"""ZenML: `python zenml_driver.py WORK SEED HOME`; the local orchestrator and store, default caching."""

# ruff: noqa: ANN201 - written as the users of this tool write it
from __future__ import annotations

import os
import sys
import time

os.environ |= {
    "ZENML_CONFIG_PATH": sys.argv[3],
    "ZENML_ANALYTICS_OPT_IN": "false",
    "ZENML_LOGGING_VERBOSITY": "ERROR",
    "AUTO_OPEN_DASHBOARD": "false",
}

import pandas as pd  # noqa: TC002 - ZenML reads the annotations
import works
from zenml import pipeline, step
from zenml.client import Client


@step
def load(seed: int) -> pd.DataFrame:
    return works.load(seed)


@step
def add(table: pd.DataFrame) -> pd.DataFrame:
    return works.add(table)


@step
def square(number: int) -> int:
    return works.square(number)


@step
def numbers(seed: int) -> list[int]:
    return list(range(seed, seed + works.ITEMS))


@pipeline(enable_cache=True)
def chain(seed: int):
    table = load(seed)
    for _ in range(works.STEPS - 1):
        table = add(table)


@pipeline(enable_cache=True, dynamic=True)
def mapped(seed: int):
    square.map(numbers(seed))  # a step that gathers more than 100 of them fails in 0.98 (it reads one page)


def main() -> None:
    """Run one of the pipelines, once the store is up."""
    work, seed = sys.argv[1], int(sys.argv[2])
    Client().active_stack.check_local_paths()
    begun = time.perf_counter()
    run = chain(seed=seed) if work == "chain" else mapped(seed=seed)
    took = time.perf_counter() - begun
    done = Client().get_pipeline_run(run.id)
    if work == "chain":
        works.tell(took, works.checksum(done.steps[f"add_{works.STEPS - 1}"].output.load()))
        return
    # The last one stands for all: reading a thousand takes a minute more.
    found = Client().list_run_steps(pipeline_run_id=run.id, name=f"map:square:{works.ITEMS - 1}", size=1)
    assert Client().list_run_steps(pipeline_run_id=run.id, size=1).total == works.ITEMS + 1
    assert found.items[0].output.load() == works.square(seed + works.ITEMS - 1)
    works.tell(took, works.expected("map", seed))


main()
