"""Fills a stock server's SQLite file with runs like those of `fill`, far faster than its wire would."""

from __future__ import annotations

import random
import sqlite3
import uuid
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

EXPERIMENT = 0  # Default
START_MS = 1_767_225_600_000  # 2026-01-01
_RUN = (
    "INSERT INTO runs (run_uuid, name, source_type, user_id, status, start_time, end_time, lifecycle_stage, "
    "artifact_uri, experiment_id) VALUES (?,?,'LOCAL','ada','FINISHED',?,?,'active','',?)"
)
_METRIC = "INSERT INTO {} (key, value, timestamp, run_uuid, step, is_nan) VALUES (?,?,?,?,0,0)"
_PAIR = "INSERT INTO {} (key, value, run_uuid) VALUES (?,?,?)"


def fill_stock(database: Path, runs: int, seed: int = 7) -> None:
    """Add finished runs to the experiment Default, each with 3 metrics, 3 parameters and 2 tags; see `fill.fill`."""
    chance = random.Random(seed)
    with closing(sqlite3.connect(database, timeout=60)) as connection, connection:
        for number in range(1, runs + 1):
            run, at = uuid.uuid4().hex, START_MS + number * 1000
            connection.execute(_RUN, (run, f"run-{number}", at, at, EXPERIMENT))
            values = (chance.random(), chance.randrange(100) * 1.0, 10 * chance.random())
            for key, value in zip(("accuracy", "epoch", "loss"), values, strict=True):
                for table in ("metrics", "latest_metrics"):
                    connection.execute(_METRIC.format(table), (key, value, at, run))
            params = (str(chance.randrange(10)), f"node-{number}", f"0.{chance.randrange(100):02d}")
            for key, value in zip(("depth", "host", "lr"), params, strict=True):
                connection.execute(_PAIR.format("params"), (key, value, run))
            for key, value in (("mlflow.runName", f"run-{number}"), ("team", f"team-{chance.randrange(5)}")):
                connection.execute(_PAIR.format("tags"), (key, value, run))
