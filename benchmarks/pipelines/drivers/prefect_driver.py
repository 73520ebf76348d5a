"""Prefect: `python prefect_driver.py WORK SEED HOME`; tasks cached by source and inputs, results kept in files."""

# ruff: noqa: ANN201 - written as the users of this tool write it
from __future__ import annotations

import os
import sys
import time
from pathlib import Path

os.environ |= {
    "PREFECT_HOME": sys.argv[3],
    "PREFECT_LOCAL_STORAGE_PATH": str(Path(sys.argv[3], "storage")),
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "ERROR",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "300",
}

import works
from prefect import flow, task
from prefect.cache_policies import INPUTS, TASK_SOURCE
from prefect.client.orchestration import get_client

kept = {"cache_policy": TASK_SOURCE + INPUTS, "persist_result": True}
load, add = task(**kept)(works.load), task(**kept)(works.add)
square, total = task(**kept)(works.square), task(**kept)(works.total)


@flow
def chain(seed: int):
    table = load(seed)
    for _ in range(works.STEPS - 1):
        table = add(table)
    return table


@flow
def mapped(seed: int):
    found = square.map(list(range(seed, seed + works.ITEMS)))
    return total(found.result())


def main() -> None:
    """Run one of the flows, once the server that it starts is up."""
    work, seed = sys.argv[1], int(sys.argv[2])
    with get_client(sync_client=True) as client:
        client.hello()
        begun = time.perf_counter()
        value = chain(seed) if work == "chain" else mapped(seed)
        took = time.perf_counter() - begun
    works.tell(took, works.checksum(value) if work == "chain" else value)


main()
