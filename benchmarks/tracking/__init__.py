"""A stock MLflow server beside ours: the same unmodified client, the same durability, interleaved in one run.

Needs the interpreter of an environment with the stock `mlflow` package in `MLFLOW_PYTHON`. Both servers keep SQLite
files with `synchronous=FULL`: an acknowledged write survives a power cut (ours in WAL mode, the stock server in its
default rollback journal). Bars are those of the design: ratios of throughput, or of work per second of server CPU.
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.result import Comparison
from benchmarks.tracking.fill import fill
from benchmarks.tracking.postgres import database
from benchmarks.tracking.servers import Server
from benchmarks.tracking.stock_fill import fill_stock

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUNDS = 5
FILLED = 5_000
OURS = "Millwright"
OURS_POSTGRES = "Millwright, PostgreSQL"
STOCK = "MLflow, default"
STOCK_ONE = "MLflow, 1 worker"


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """One line of the table.

    Attributes:
        name: As the driver calls it.
        arguments: Of the driver's method.
        about: As the table calls it.
        unit: Of what is done in a second.
        bar: The smallest ratio promised to the better of the stock variants; None without a promise.
        per_cpu: Whether the bar is on work per second of server CPU, not on the clock.
    """

    name: str
    about: str
    unit: str
    arguments: dict[str, Any]
    bar: float | None = None
    per_cpu: bool = False


WORKS = (
    Work(name="batch_raw", about="log-batch, 1,000 points each, raw", unit="points", arguments={"batches": 10}, bar=10),
    Work(name="batch_client", about="the same through the client", unit="points", arguments={"batches": 5}),
    Work(name="single", about="log_metric, 1 client", unit="calls", arguments={"calls": 60}, bar=5, per_cpu=True),
    Work(
        name="single_many",
        about="log-metric, 16 clients, raw",
        unit="calls",
        arguments={"calls": 10, "clients": 16},
        bar=5,
        per_cpu=True,
    ),
    Work(name="runs", about="run: create, 10 + 10, end", unit="runs", arguments={"count": 20}, bar=5, per_cpu=True),
    Work(
        name="search",
        about=f"search {FILLED:,} runs, filter and order, 100 hits",
        unit="searches",
        arguments={"times": 5},
        bar=20,
    ),
    Work(
        name="page",
        about="1,000 runs without a filter",
        unit="pages",
        arguments={"times": 2},
        bar=20,
    ),
    Work(name="history", about="history of 100,000 points, raw", unit="points", arguments={"count": 100_000}, bar=10),
    Work(name="upload", about="artifact up, 100 MiB", unit="MiB", arguments={"megabytes": 100}),
    Work(name="download", about="artifact down, 100 MiB", unit="MiB", arguments={"megabytes": 100}),
)


def run() -> list[Comparison]:
    """Start the servers, fill them, and go through the works in interleaved rounds."""
    stock = os.environ.get("MLFLOW_PYTHON", "")
    if not stock:
        sys.exit("Set MLFLOW_PYTHON to the interpreter of an environment with: pip install mlflow==3.17.2")
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="millwright-bench-")))
        postgres = stack.enter_context(database(FILLED))
        servers = [stack.enter_context(each) for each in _servers(root, stock, postgres)]
        boots = {server.name: [server.boot_s] * 2 for server in servers}
        for server in servers:
            if server.name.startswith("MLflow"):
                fill_stock(server.folder / "mlflow.db", FILLED)
        rows = [_measure(work, servers) for work in WORKS]
        memory = {server.name: [server.memory_mb()] * 2 for server in servers}
        rows.append(
            Comparison(
                work="memory of all processes",
                samples=memory,
                unit="MB",
                smaller=True,
                bar=3.0,
                peers=(STOCK_ONE, STOCK),
            )
        )
        rows.append(
            Comparison(
                work="start until /health answers", samples=boots, unit="s", smaller=True, peers=(STOCK_ONE, STOCK)
            )
        )
    return rows


def _servers(root: Path, stock: str, postgres: str | None) -> list[Server]:
    mlflow = [stock, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", "{port}"]
    store = ["--backend-store-uri", "sqlite:///{folder}/mlflow.db", "--artifacts-destination", "{folder}/artifacts"]
    ours = [sys.executable, "-m", "millwright", "server", "--host", "127.0.0.1", "--port", "{port}"]
    (root / "ours" / ".millwright").mkdir(parents=True)
    fill(str(root / "ours" / ".millwright" / "millwright.db"), FILLED)
    found = [Server(OURS, ours, root / "ours", stock)]
    if postgres is not None:
        environment = {"MILLWRIGHT_STORE": postgres}
        found.append(Server(OURS_POSTGRES, ours, root / "postgres", stock, environment))
    found.append(Server(STOCK_ONE, [*mlflow, *store, "--workers", "1"], root / "stock-1", stock))
    found.append(Server(STOCK, [*mlflow, *store], root / "stock", stock))
    return found


def _measure(work: Work, servers: Sequence[Server]) -> Comparison:
    samples: dict[str, list[float]] = {server.name: [] for server in servers}
    for number in range(ROUNDS + 1):
        for server in servers:
            if work.name == "history" and number == 0:
                server.work("fill_history", **work.arguments)
            amount, seconds, cpu = server.work(work.name, **work.arguments)
            if number:  # the first round warms up
                samples[server.name].append(amount / max(cpu if work.per_cpu else seconds, 0.01))
    unit = f"{work.unit}/{'CPU ' if work.per_cpu else ''}s"
    rates = {name: f"{median(rates):.4g}" for name, rates in samples.items()}
    print(f"  {work.about}: {rates} {unit}", flush=True)
    return Comparison(
        work=work.about,
        samples=samples,
        unit=unit,
        bar=work.bar,
        peers=tuple(n for n in samples if n.startswith("MLflow")),
    )
