"""A PostgreSQL database of a benchmark's own, filled with the same kind of runs as `fill` makes in a SQLite file."""

from __future__ import annotations

import os
import random
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from millwright.core.ids import RunId, new_id
from millwright.core.records.experiment import DEFAULT_EXPERIMENT
from millwright.core.records.run import MetricPoint, RunRecord, RunStatus
from millwright.storage.catalog import open_stores

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVER = os.environ.get("MILLWRIGHT_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
START = datetime(2026, 1, 1, tzinfo=UTC)
_AT_ONCE = 500


@contextmanager
def database(runs: int) -> Iterator[str | None]:
    """The URL of a new database with that many runs; None where there is no server. It is dropped at the end."""
    import psycopg

    try:
        connection = psycopg.connect(SERVER, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError:
        yield None
        return
    name = f"millwright_bench_{uuid4().hex}"
    connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[call-overload]
    url = f"{SERVER.rpartition('/')[0]}/{name}"
    try:
        _fill(url, runs)
        yield url
    finally:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')  # type: ignore[call-overload]
        connection.close()


def _fill(url: str, runs: int) -> None:
    stores = open_stores(records_url=url, artifacts_url="memory://a", predictions_url="memory://b")
    chance = random.Random(7)
    for first in range(1, runs + 1, _AT_ONCE):
        with stores.transactions.transaction():
            for number in range(first, min(first + _AT_ONCE, runs + 1)):
                run_id, at = RunId(new_id()), START + timedelta(seconds=number)
                params = {"depth": str(chance.randrange(10)), "host": f"node-{number}"}
                params["lr"] = f"0.{chance.randrange(100):02d}"
                tags = {"mlflow.runName": f"run-{number}", "team": f"team-{chance.randrange(5)}"}
                stores.runs.create_run(
                    RunRecord(
                        id=run_id,
                        experiment_id=DEFAULT_EXPERIMENT,
                        name=f"run-{number}",
                        status=RunStatus.FINISHED,
                        started_at=at,
                        ended_at=at,
                        params=params,
                        tags=tags,
                    )
                )
                values = {
                    "accuracy": chance.random(),
                    "epoch": chance.randrange(100) * 1.0,
                    "loss": 10 * chance.random(),
                }
                points = [MetricPoint(key=key, value=value, step=0, at=at) for key, value in values.items()]
                stores.runs.append_metrics(run_id, points)
    stores.close()
