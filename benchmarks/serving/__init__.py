"""One model behind HTTP beside BentoML, LitServe, Ray Serve, MLServer, MLflow's scoring server and plain FastAPI.

Needs interpreters with `bentoml`, `litserve`, `ray[serve]`, `mlserver mlserver-sklearn`, `mlflow` and
`fastapi uvicorn[standard]`, all with the scikit-learn of this environment, in `BENTOML_PYTHON`, `LITSERVE_PYTHON`,
`RAY_PYTHON`, `MLSERVER_PYTHON`, `MLFLOW_SERVING_PYTHON` and `FASTAPI_PYTHON`; a peer without its variable is left out.
`SERVING_REQUESTS` says how many requests a round has (2,000), `SERVING_ROUNDS` how many rounds (5).

All serve the same pipeline of scikit-learn (imputer, scaler, logistic regression over ten numbers), with one process
that predicts, and answer the same rows in the body that they document; answers are compared before anything is timed.
Every server is up all the time and asked in turn. Processor time is that of a server's whole tree of processes.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.result import Comparison
from benchmarks.serving.client import Asked, ask
from benchmarks.serving.model import make_model, wide_rows
from benchmarks.serving.stack import STACKS, Running, start

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.result import Result

OURS, LOGGING, BARE = "Millwright", "Millwright, logging", "bare uvicorn"
ROWS_AT_ONCE = 10_000


def run() -> list[Result | Comparison]:
    """Start every stack, compare answers, then ask in interleaved rounds."""
    requests, rounds = int(os.environ.get("SERVING_REQUESTS", "2000")), int(os.environ.get("SERVING_ROUNDS", "5"))
    with tempfile.TemporaryDirectory(prefix="millwright-bench-") as folder:
        rows = make_model(Path(folder))
        stacks = [stack for stack in STACKS if stack.interpreter]
        running: list[Running] = []
        try:
            for stack in stacks:
                running.append(start(stack, Path(folder), rows[0]))
                print(f"  {stack.name}: {stack.version}, ready after {running[-1].cold_s:.1f} s", flush=True)
            _compare(running)
            return _measure(running, rows, requests, rounds)
        finally:
            for each in running:
                each.stop()


def _compare(running: list[Running]) -> None:
    expected = running[0].probability
    for each in running:
        if each.stack.name != BARE:
            assert abs(each.probability - expected) < 1e-5, f"{each.stack.name}: {each.probability} is not {expected}"


def _measure(running: list[Running], rows: list[list[float]], requests: int, rounds: int) -> list[Result | Comparison]:
    table: list[Result | Comparison] = []
    for concurrency in (1, 32):
        found: dict[str, list[Asked]] = {each.stack.name: [] for each in running}
        for number in range(rounds + 1):
            for each in running[:: -1 if number % 2 else 1]:
                asked = ask(each, each.stack.request(rows[0]), requests, concurrency)
                found[each.stack.name] += [asked] if number else []  # the first round warms up
        table += _rows(f"one row, {concurrency} at a time", found)
    wide = wide_rows(rows, ROWS_AT_ONCE)
    found = {each.stack.name: [] for each in running if each.stack.name != BARE}
    for number in range(rounds + 1):
        for each in running[:: -1 if number % 2 else 1]:
            if each.stack.name != BARE:
                asked = ask(each, each.stack.many(wide), 5, 1)
                found[each.stack.name] += [asked] if number else []
    peers = _peers(found)
    samples = {name: [one.seconds * 1e3 / 5 for one in asked] for name, asked in found.items()}
    table.append(
        Comparison(work=f"{ROWS_AT_ONCE:,} rows in a request", samples=samples, unit="ms", smaller=True, peers=peers)
    )
    for work, what, unit in (("cold start", "cold_s", "s"), ("memory", "memory_mib", "MiB")):
        figures = {each.stack.name: [float(getattr(each, what))] * 2 for each in running}
        table.append(Comparison(work=work, samples=figures, unit=unit, smaller=True, peers=_peers(figures)))
    return table


def _rows(work: str, found: Mapping[str, list[Asked]]) -> list[Result | Comparison]:
    def row(about: str, what: str, unit: str, *, smaller: bool, bar: float | None = None) -> Comparison:
        samples = {name: [float(getattr(one, what)) for one in asked] for name, asked in found.items()}
        return Comparison(
            work=f"{work}, {about}", samples=samples, unit=unit, smaller=smaller, bar=bar, peers=_peers(found)
        )

    cpu = {name: [one.cpu_us for one in asked] for name, asked in found.items()}
    table: list[Result | Comparison] = [
        row("processor per request", "cpu_us", "µs", smaller=True, bar=10.0),
        row("throughput", "per_second", "requests/s", smaller=False),
        row("throughput per core used", "per_core", "requests/s", smaller=False, bar=10.0),
        row("median", "p50_ms", "ms", smaller=True),
        row("99 of 100", "p99_ms", "ms", smaller=True),
        _pair(f"{work}, processor: the same HTTP stack with no model", cpu, OURS, BARE, bar=0.6),
    ]
    if LOGGING in cpu:
        rates = {name: [one.per_second for one in asked] for name, asked in found.items() if name in {OURS, LOGGING}}
        logging_first = {name: rates[name] for name in (LOGGING, OURS)}
        table.append(Comparison(work=f"{work}, without the log", samples=logging_first, unit="requests/s", bar=0.9))
        table.append(_pair(f"{work}, processor: without the log", cpu, LOGGING, OURS, bar=0.9))
        print(f"  log: {median(cpu[LOGGING]) - median(cpu[OURS]):.1f} µs a request", flush=True)
    return table


def _pair(work: str, cpu: Mapping[str, list[float]], ours: str, other: str, *, bar: float) -> Comparison:
    return Comparison(work=work, samples={ours: cpu[ours], other: cpu[other]}, unit="µs", smaller=True, bar=bar)


def _peers(found: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(name for name in found if name not in {OURS, LOGGING, BARE})
