"""The graphs, as a user of Airflow writes them; the last task also writes what came out, to be checked."""

# ruff: noqa: ANN001, ANN003, ANN201 - written as the users of this tool write it
from __future__ import annotations

import os
from pathlib import Path

import works
from airflow.sdk import dag, task


@task
def load(**context):
    return works.load(context["dag_run"].conf["seed"])


@task
def add(table, *, is_last=False):
    table = works.add(table)
    if is_last:
        Path(os.environ["BENCH_OUT"]).write_text(str(works.checksum(table)), encoding="utf-8")
    return table


@task
def numbers(**context):
    seed = context["dag_run"].conf["seed"]
    return list(range(seed, seed + works.ITEMS))


@task
def square(number):
    return works.square(number)


@task
def total(found):
    value = works.total(list(found))
    Path(os.environ["BENCH_OUT"]).write_text(str(value), encoding="utf-8")
    return value


@dag(schedule=None)
def chained():
    table = load()
    for number in range(1, works.STEPS):
        table = add.override(task_id=f"add{number}")(table, is_last=number == works.STEPS - 1)


@dag(schedule=None)
def mapping():
    total(square.expand(number=numbers()))


chain, mapped = chained(), mapping()
