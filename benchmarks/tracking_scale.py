"""Searches over a million runs beside the same searches over 5,000, over the wire: an index must not notice.

Takes about two minutes and 1.5 GB of room for the store that it fills.
"""

from __future__ import annotations

import http.client
import json
import sys
import tempfile
import time
import urllib.parse
from contextlib import ExitStack
from pathlib import Path

from benchmarks.result import Comparison
from benchmarks.tracking.fill import fill
from benchmarks.tracking.servers import Server

MANY, FEW = 1_000_000, 5_000
ROUNDS = 15
SEARCHES = {
    "the newest 100": {},
    "metric above, by that metric": {"filter": "metrics.accuracy > 0.9", "order_by": ["metrics.accuracy DESC"]},
    "metric and parameter, by that metric": {
        "filter": "metrics.accuracy > 0.5 and params.depth = '3'",
        "order_by": ["metrics.accuracy DESC"],
    },
    "parameter equal, newest": {"filter": "params.depth = '3'"},
    "tag equal, newest": {"filter": "tags.team = 'team-2'"},
    "status, newest": {"filter": "attributes.status = 'FAILED'"},
    "time range, newest": {"filter": "attributes.start_time > 1767225700000", "order_by": ["start_time ASC"]},
    "one run by a unique parameter": {"filter": "params.host = 'node-4321'"},
}


def run() -> list[Comparison]:
    """Fill two stores, serve both, and search in turns."""
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="millwright-bench-")))
        connections = {}
        for name, runs in ((f"{MANY:,} runs", MANY), (f"{FEW:,} runs", FEW)):
            folder = root / str(runs)
            (folder / ".millwright").mkdir(parents=True)
            fill(str(folder / ".millwright" / "millwright.db"), runs)
            command = [sys.executable, "-m", "millwright", "server", "--host", "127.0.0.1", "--port", "{port}"]
            connections[name] = _connect(stack.enter_context(Server(name, command, folder)).url)
        rows = []
        for about, search in SEARCHES.items():
            samples: dict[str, list[float]] = {name: [] for name in connections}
            for number in range(ROUNDS + 2):
                for name, connection in connections.items():
                    taken = _search(connection, search)
                    if number > 1:
                        samples[name].append(taken)
            rows.append(Comparison(work=about, samples=samples, unit="ms", smaller=True, bar=0.5))
    return rows


def _connect(url: str) -> http.client.HTTPConnection:
    parts = urllib.parse.urlsplit(url)
    return http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=60)


def _search(connection: http.client.HTTPConnection, search: dict[str, object]) -> float:
    body = json.dumps({"experiment_ids": ["0"], "max_results": 100, **search})
    started = time.perf_counter()
    connection.request("POST", "/api/2.0/mlflow/runs/search", body, {"content-type": "application/json"})
    answer = connection.getresponse()
    found = json.loads(answer.read())
    taken = (time.perf_counter() - started) * 1e3
    if answer.status != 200 or not found.get("runs"):
        raise RuntimeError(f"{search}: {answer.status} {str(found)[:200]}")
    return taken
