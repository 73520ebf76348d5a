"""Pipelines beside ZenML, Prefect, Dagster, Kedro, Metaflow and Airflow, each in an environment of its own, in one run.

Needs interpreters with `zenml[local]`, `prefect`, `dagster`, `kedro` and `kedro-datasets`, `metaflow`,
`apache-airflow`, all with pandas and pyarrow, in `ZENML_PYTHON`, `PREFECT_PYTHON`, `DAGSTER_PYTHON`, `KEDRO_PYTHON`,
`METAFLOW_PYTHON` and `AIRFLOW_PYTHON`. `PIPELINES_ONLY` names works (`chain`, `map`, `plan`) when not all are wanted,
`PIPELINES_ROUNDS` how many rounds (4, and one before that warms up).

Ten sequential steps hand on a frame of 1,000 x 10; a second run takes all of it from the cache; a step is mapped over
1,000 items and gathered; a graph of 1,000 steps, all cached, is planned. Each run is a process of its own, each result
is checked, and the seed of each round is another one, so that first runs find nothing.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.pipelines.drivers.works import STEPS, expected
from benchmarks.pipelines.field import Field
from benchmarks.pipelines.process import Told, Tool, perform
from benchmarks.result import Result

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.result import Comparison

ROUNDS = int(os.environ.get("PIPELINES_ROUNDS", "4"))  # even, since every other one goes the other way
OURS, PLAIN = "Millwright", "plain calls"
TOOLS = {
    OURS: Tool(python="", driver="ours", package="millwright", caches=True, plans=True),
    PLAIN: Tool(python="", driver="plain", package=""),
    "ZenML": Tool(python="ZENML_PYTHON", driver="zenml_driver", package="zenml", caches=True),
    "Prefect": Tool(python="PREFECT_PYTHON", driver="prefect_driver", package="prefect", caches=True),
    "Dagster": Tool(python="DAGSTER_PYTHON", driver="dagster_driver", package="dagster"),
    "Kedro": Tool(python="KEDRO_PYTHON", driver="kedro_driver", package="kedro", caches=True, maps=False, plans=True),
    "Metaflow": Tool(python="METAFLOW_PYTHON", driver="metaflow_driver", package="metaflow"),
    "Airflow": Tool(python="AIRFLOW_PYTHON", driver="airflow_driver", package="apache-airflow", needs_set_up=True),
}
BY_FILES = ("Kedro",)  # skips what has files, whatever code and parameters they come from
SLOW = {"ZenML", "Metaflow", "Airflow"}  # take minutes for a thousand items: one round
PEERS = tuple(name for name in TOOLS if name not in {OURS, PLAIN})
KNOWING = tuple(name for name in PEERS if name not in BY_FILES)


def run() -> list[Result | Comparison]:
    """Go through the works in interleaved rounds."""
    wanted = os.environ.get("PIPELINES_ONLY", "chain plan map").split()  # the longest last
    works: dict[str, Callable[[Path], list[Result | Comparison]]] = {"chain": _chain, "map": _map, "plan": _plan}
    rows: list[Result | Comparison] = []
    with tempfile.TemporaryDirectory(prefix="millwright-bench-") as folder:
        for name, tool in TOOLS.items():
            print(f"  {name}: {tool.version}", flush=True)
            if tool.needs_set_up:
                perform(tool, "set-up", 0, Path(folder, name))
        for work in wanted:
            found = works[work](Path(folder))
            print("\n".join(f"  {row.row()}" for row in found), flush=True)
            rows += found
    return rows


def versions() -> list[str]:
    """Of the tools."""
    return [tool.version for tool in TOOLS.values()]


def _chain(root: Path) -> list[Result | Comparison]:
    first: dict[str, list[Told]] = {name: [] for name in TOOLS}
    second: dict[str, list[Told]] = {name: [] for name in TOOLS}
    for number in range(ROUNDS + 1):
        for name, tool in _in_turn(number):
            told = _told(tool, "chain", number, root / name)
            again = _told(tool, "chain", number, root / name) if tool.caches else None
            if number:  # the first round warms up: databases are made, byte code is written
                first[name].append(told)
                second[name] += [again] if again else []
    steps = [
        (each.engine_s - plain.engine_s) / STEPS * 1e3 for each, plain in zip(first[OURS], first[PLAIN], strict=True)
    ]
    cached = [each.engine_s * 1e3 for each in second[OURS]]
    rows: list[Result | Comparison] = [
        Result(work="overhead of a step, inline, commit included", samples=steps, unit="ms", bar=5.0),
        Result(work=f"{STEPS} steps again, all cached, beyond start-up", samples=cached, unit="ms", bar=100.0),
    ]
    again = f"{STEPS} steps again, all cached"
    rows += _both(f"{STEPS} steps", first, PEERS)
    rows += _both(f"{again}, to those that know what changed", second, KNOWING)
    rows += _both(f"{again}, to a look at which files exist", second, BY_FILES)
    return rows


def _map(root: Path) -> list[Result | Comparison]:
    runs: dict[str, list[Told]] = {name: [] for name in TOOLS}
    can_map = perform(TOOLS[OURS], "can-map", 0, root / OURS).value
    for number in range(2):
        for name, tool in _in_turn(number):
            if tool.maps and (name != OURS or can_map) and not (number and name in SLOW):
                runs[name].append(_told(tool, "map", 1_000 * (number + 1), root / name))
    ours = [each.engine_s for each in runs[OURS]]
    rows: list[Result | Comparison] = (
        [Result(work="1,000 mapped items", samples=ours, unit="s", bar=1.0)] if ours else []
    )
    return [*rows, *_both("1,000 mapped items", runs, PEERS)]


def _plan(root: Path) -> list[Result | Comparison]:
    planners = {name: tool for name, tool in TOOLS.items() if tool.plans}
    for name, tool in planners.items():
        perform(tool, "fill", 1, root / name)
    runs: dict[str, list[Told]] = {name: [] for name in TOOLS}
    for number in range(ROUNDS + 1):
        for name, tool in list(planners.items())[:: -1 if number % 2 else 1]:
            told = _told(tool, "plan", 1, root / name)
            runs[name] += [told] if number else []
    ours = [each.engine_s for each in runs[OURS]]
    return [
        Result(work="plan of 1,000 steps, all cached", samples=ours, unit="s", bar=1.0),
        *_both("plan of 1,000 steps, to a look at which files exist", runs, BY_FILES),
    ]


def _both(work: str, runs: Mapping[str, list[Told]], peers: tuple[str, ...]) -> list[Field]:
    """Rows for the engine, and for the whole process by the clock and by the processor."""

    def row(about: str, what: str) -> Field:
        return Field(work=f"{work}, {about}", samples=_of(runs, what), unit="s", smaller=True, bar=1.0, peers=peers)

    return [row("engine", "engine_s"), row("whole process", "whole_s"), row("processor", "cpu_s")]


def _in_turn(number: int) -> list[tuple[str, Tool]]:
    """Every other round goes the other way: who works after a long pause finds its memory and caches cold."""
    return list(TOOLS.items())[:: -1 if number % 2 else 1]


def _told(tool: Tool, work: str, seed: int, home: Path) -> Told:
    told = perform(tool, work, seed, home)
    assert told.value == expected(work, seed), f"{tool.driver}, {work}: {told.value} is not {expected(work, seed)}"
    return told


def _of(runs: Mapping[str, list[Told]], what: str) -> dict[str, list[float]]:
    return {name: [getattr(each, what) for each in found] for name, found in runs.items()}
