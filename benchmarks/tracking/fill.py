"""Fills a SQLite store with many runs fast, to search in: each with 3 metrics, 3 parameters and 2 tags.

Rows go straight into the tables, without the promises of a store (nothing is durable before the end):

    python benchmarks/tracking/fill.py /tmp/million.db 1000000
"""

from __future__ import annotations

import random
import sqlite3
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

from millwright.storage.catalog import open_stores

if TYPE_CHECKING:
    from collections.abc import Iterator

EXPERIMENT = 0  # Default
START = 1_767_225_600_000_000  # 2026-01-01, in microseconds
_AT_ONCE = 20_000


def fill(path: str, runs: int, *, seed: int = 7) -> float:
    """Add runs to the experiment Default of a new store.

    Metrics: `accuracy` (0 to 1), `loss` (0 to 10), `epoch` (0 to 99, so with many ties). Parameters: `lr` (100 values),
    `depth` (10), `host` (all different). Tags: `team` (5), `mlflow.runName` (all different).

    Args:
        path: Of the SQLite file.
        runs: How many.
        seed: Of the values.

    Returns:
        The seconds that it took.
    """
    began = time.monotonic()
    open_stores(records_url=f"sqlite:///{path}", artifacts_url="memory://a", predictions_url="memory://b").close()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF", "cache_size=-1000000"):
            connection.execute(f"PRAGMA {pragma}")
        indexes = _dropped_indexes(connection)
        connection.execute("BEGIN")
        for first in range(1, runs + 1, _AT_ONCE):
            _insert(connection, range(first, min(first + _AT_ONCE, runs + 1)), random.Random(seed + first))
        for statement in indexes:
            connection.execute(statement)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode=WAL")
    return time.monotonic() - began


def _dropped_indexes(connection: sqlite3.Connection) -> list[str]:
    """Indexes are made faster from what is there than row by row."""
    query = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL "
        "AND tbl_name IN ('runs', 'metrics', 'run_params', 'run_tags')"
    )
    found = connection.execute(query).fetchall()
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}")
    return [sql for _, sql in found]


def _insert(connection: sqlite3.Connection, numbers: range, chance: random.Random) -> None:
    begins = {n: START + n * 1_000_000 for n in numbers}
    connection.executemany(
        "INSERT INTO runs (seq, id, experiment, name, status, started_at, ended_at, username, lifecycle, artifact_uri) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, 'ada', 'active', '')",
        (
            (
                n,
                f"{chance.getrandbits(128):032x}",
                EXPERIMENT,
                f"run-{n}",
                "failed" if n % 50 == 0 else "finished",
                at,
                at,
            )
            for n, at in begins.items()
        ),
    )
    connection.executemany(
        "INSERT INTO metrics (seq, run, key, step, at, value, is_nan, count, minimum, maximum, experiment, started_at) "
        "VALUES (?, ?, ?, 0, ?, ?, 0, 1, ?, ?, ?, ?)",
        _metrics(begins, chance),
    )
    connection.executemany(
        "INSERT INTO metric_points (metric, step, at, value, is_nan) VALUES (?, 0, ?, 0.5, 0)",
        ((3 * n + part, at) for n, at in begins.items() for part in range(3)),
    )
    for table, rows in (("run_params", _params(begins, chance)), ("run_tags", _tags(begins, chance))):
        connection.executemany(
            f"INSERT INTO {table} (run, key, value, head, experiment, started_at) VALUES (?, ?, ?, ?, ?, ?)",  # noqa: S608
            rows,
        )


def _metrics(begins: dict[int, int], chance: random.Random) -> Iterator[tuple[Any, ...]]:
    for n, at in begins.items():
        values = (chance.random(), chance.randrange(100) * 1.0, 10 * chance.random())
        for part, (key, value) in enumerate(zip(("accuracy", "epoch", "loss"), values, strict=True)):
            yield (3 * n + part, n, key, at, value, value, value, EXPERIMENT, at)


def _params(begins: dict[int, int], chance: random.Random) -> Iterator[tuple[Any, ...]]:
    for n, at in begins.items():
        values = (str(chance.randrange(10)), f"node-{n}", f"0.{chance.randrange(100):02d}")
        for key, value in zip(("depth", "host", "lr"), values, strict=True):
            yield (n, key, value, value, EXPERIMENT, at)


def _tags(begins: dict[int, int], chance: random.Random) -> Iterator[tuple[Any, ...]]:
    for n, at in begins.items():
        for key, value in (("mlflow.runName", f"run-{n}"), ("team", f"team-{chance.randrange(5)}")):
            yield (n, key, value, value, EXPERIMENT, at)


if __name__ == "__main__":
    print(f"{fill(sys.argv[1], int(sys.argv[2])):.0f} s")
