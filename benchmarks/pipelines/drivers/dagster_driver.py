"""Dagster: `python dagster_driver.py WORK SEED HOME`; ops of a job, executed in this process, outputs kept in files."""

# ruff: noqa: ANN001, ANN201 - written as the users of this tool write it
from __future__ import annotations

import logging
import os
import sys
import time

os.environ |= {"DAGSTER_HOME": sys.argv[3], "DAGSTER_DISABLE_TELEMETRY": "1"}

import works
from dagster import DagsterInstance, DynamicOut, DynamicOutput, FilesystemIOManager, graph, op

logging.disable(logging.WARNING)


@op(config_schema={"seed": int})
def load(context):
    return works.load(context.op_config["seed"])


@op
def add(table):
    return works.add(table)


@op(out=DynamicOut(int), config_schema={"seed": int})
def items(context):
    for number in range(works.ITEMS):
        yield DynamicOutput(context.op_config["seed"] + number, mapping_key=str(number))


@op
def square(number: int) -> int:
    return works.square(number)


@op
def total(numbers: list[int]) -> int:
    return works.total(numbers)


@graph
def chain():
    table = load()
    for number in range(1, works.STEPS):
        table = add.alias(f"add{number}")(table)
    return table


@graph
def mapped():
    return total(items().map(square).collect())


def main() -> None:
    """Run one of the jobs."""
    work, seed, home = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    instance = DagsterInstance.get()
    begun = time.perf_counter()
    found, first = (chain, "load") if work == "chain" else (mapped, "items")
    job = found.to_job(resource_defs={"io_manager": FilesystemIOManager(base_dir=home)})
    config = {"ops": {first: {"config": {"seed": seed}}}, "loggers": {"console": {"config": {"log_level": "ERROR"}}}}
    result = job.execute_in_process(run_config=config, instance=instance)
    took = time.perf_counter() - begun
    value = result.output_value()
    tell = works.tell
    tell(took, works.checksum(value) if work == "chain" else value)


main()
