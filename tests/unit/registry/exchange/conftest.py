"""A small MLflow SQLite file with artifacts, made as MLflow makes it, and stores to carry it to."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.clock import ManualClock
from millwright.core.events import EventBus
from millwright.core.progress import SilentProgress
from millwright.registry.exchange.sqlite_place import SqlitePlace
from millwright.registry.exchange.store_place import StorePlace
from millwright.registry.exchange.transfer import Transfer
from millwright.storage.catalog import Stores, open_stores
from millwright.testing import sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.registry.exchange.report import TransferReport

SCHEMA = """
CREATE TABLE experiments (experiment_id INTEGER PRIMARY KEY, name TEXT, artifact_location TEXT, lifecycle_stage TEXT,
    creation_time BIGINT, last_update_time BIGINT);
CREATE TABLE experiment_tags (key TEXT, value TEXT, experiment_id INTEGER);
CREATE TABLE runs (run_uuid TEXT PRIMARY KEY, name TEXT, user_id TEXT, status TEXT, start_time BIGINT, end_time BIGINT,
    lifecycle_stage TEXT, artifact_uri TEXT, experiment_id INTEGER, deleted_time BIGINT);
CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT);
CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT);
CREATE TABLE metrics (key TEXT, value FLOAT, timestamp BIGINT, run_uuid TEXT, step BIGINT, is_nan BOOLEAN);
CREATE TABLE datasets (dataset_uuid TEXT, experiment_id INTEGER, name TEXT, digest TEXT, dataset_source_type TEXT,
    dataset_source TEXT, dataset_schema TEXT, dataset_profile TEXT);
CREATE TABLE inputs (input_uuid TEXT, source_type TEXT, source_id TEXT, destination_type TEXT, destination_id TEXT,
    step BIGINT DEFAULT 0);
CREATE TABLE input_tags (input_uuid TEXT, name TEXT, value TEXT);
CREATE TABLE registered_models (name TEXT, creation_time BIGINT, last_updated_time BIGINT, description TEXT);
CREATE TABLE registered_model_tags (key TEXT, value TEXT, name TEXT);
CREATE TABLE registered_model_aliases (alias TEXT, version INTEGER, name TEXT);
CREATE TABLE model_versions (name TEXT, version INTEGER, creation_time BIGINT, last_updated_time BIGINT,
    description TEXT, user_id TEXT, current_stage TEXT, source TEXT, run_id TEXT, status TEXT, status_message TEXT,
    run_link TEXT);
CREATE TABLE model_version_tags (key TEXT, value TEXT, name TEXT, version INTEGER);
CREATE TABLE logged_models (model_id TEXT, experiment_id INTEGER, name TEXT, artifact_location TEXT,
    creation_timestamp_ms BIGINT, last_updated_timestamp_ms BIGINT, status INTEGER, lifecycle_stage TEXT,
    model_type TEXT, source_run_id TEXT, status_message TEXT);
CREATE TABLE logged_model_params (model_id TEXT, experiment_id INTEGER, param_key TEXT, param_value TEXT);
CREATE TABLE logged_model_tags (model_id TEXT, experiment_id INTEGER, tag_key TEXT, tag_value TEXT);
CREATE TABLE logged_model_metrics (model_id TEXT, metric_name TEXT, metric_timestamp_ms BIGINT, metric_step BIGINT,
    metric_value FLOAT, experiment_id INTEGER, run_id TEXT, dataset_uuid TEXT, dataset_name TEXT, dataset_digest TEXT);
CREATE TABLE trace_info (request_id TEXT);
"""
FIRST, SECOND, GONE = "a" * 32, "b" * 32, "c" * 32


@dataclass
class Origin:
    """An MLflow store: its file and its artifacts' folder."""

    path: Path
    artifacts: Path

    def execute(self, statement: str, *values: Any) -> None:
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute(statement, values)

    def add_run(self, run_id: str, name: str, *, experiment: int = 1, stage: str = "active", uri: str = "") -> None:
        uri = uri or f"mlflow-artifacts:/{experiment}/{run_id}/artifacts"
        self.execute(
            "INSERT INTO runs VALUES (?, ?, 'ada', 'FINISHED', 1700000000000, 1700000000999, ?, ?, ?, NULL)",
            *(run_id, name, stage, uri, experiment),
        )
        self.execute("INSERT INTO tags VALUES ('mlflow.runName', ?, ?)", name, run_id)

    def add_file(self, run_id: str, path: str, data: bytes, *, experiment: int = 1) -> Path:
        full = self.artifacts / str(experiment) / run_id / "artifacts" / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_bytes(data)
        return full


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    made = Origin(tmp_path / "mlflow.db", tmp_path / "mlartifacts")
    made.artifacts.mkdir()
    with closing(sqlite3.connect(made.path)) as connection, connection:
        connection.executescript(SCHEMA)
    run = made.execute
    run("INSERT INTO experiments VALUES (0, 'Default', '', 'active', 1700000000000, 1700000000000)")
    run("INSERT INTO experiments VALUES (1, 'größe', '', 'active', 1700000000000, 1700000000005)")
    run("INSERT INTO experiments VALUES (7, 'gone', '', 'deleted', 1700000000000, NULL)")
    run("INSERT INTO experiment_tags VALUES ('team', '🏗️', 1)")
    made.add_run(FIRST, "first")
    made.add_run(SECOND, "second", stage="deleted")
    made.add_run(GONE, "of a deleted one", experiment=7, stage="deleted")
    run("INSERT INTO params VALUES ('lr', '0.1', ?)", FIRST)
    points = [(step / 7, 1700000000000 + step, FIRST, step) for step in range(300)]
    with closing(sqlite3.connect(made.path)) as connection, connection:
        connection.executemany("INSERT INTO metrics VALUES ('loss', ?, ?, ?, ?, 0)", points)
    for value, is_nan in ((0.0, 1), (1.7976931348623157e308, 0), (-1.7976931348623157e308, 0), (5e-324, 0)):
        run("INSERT INTO metrics VALUES ('odd', ?, 5, ?, -3, ?)", value, FIRST, is_nan)
    run("INSERT INTO datasets VALUES ('d1', 1, 'sites', 'abc', 'local', '{}', NULL, '{}')")
    run("INSERT INTO inputs VALUES ('i1', 'DATASET', 'd1', 'RUN', ?, 0)", FIRST)
    run("INSERT INTO input_tags VALUES ('i1', 'mlflow.data.context', 'training')")
    made.add_file(FIRST, "model/MLmodel", b"flavors: {}")
    made.add_file(FIRST, "a b ü.txt", b"")
    run("INSERT INTO registered_models VALUES ('delay', 1700000000000, NULL, 'when')")
    run("INSERT INTO registered_model_tags VALUES ('a', 'b', 'delay')")
    source = f"mlflow-artifacts:/1/{FIRST}/artifacts/model"
    for version, stage in ((1, "Production"), (3, "None")):
        run(
            "INSERT INTO model_versions VALUES ('delay', ?, 1700000000000, NULL, 'd', 'ada', ?, ?, ?, 'READY', '', '')",
            *(version, stage, source, FIRST),
        )
    run("INSERT INTO model_versions (name, version, current_stage) VALUES ('delay', 4, 'Deleted_Internal')")
    run("INSERT INTO model_version_tags VALUES ('k', 'v', 'delay', 3)")
    run("INSERT INTO registered_model_aliases VALUES ('champion', 3, 'delay')")
    run("INSERT INTO trace_info VALUES ('t')")
    return made


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    opened = open_stores(
        records_url=f"sqlite:///{tmp_path}/x.db",
        artifacts_url=str(tmp_path / "blobs"),
        predictions_url=str(tmp_path / "predictions"),
    )
    yield opened
    opened.close()


@pytest.fixture
def here(stores: Stores) -> StorePlace:
    return StorePlace(stores=stores, clock=ManualClock(sample.NOON), events=EventBus(), actor="user:ada", name="here")


@pytest.fixture
def carry(origin: Origin, here: StorePlace):
    """Carries the origin as it is now."""

    def call(*, artifacts: bool = True) -> TransferReport:
        source = SqlitePlace(origin.path, origin.artifacts if artifacts else None)
        try:
            return Transfer(source, here, SilentProgress()).run()
        finally:
            source.close()

    return call


@pytest.fixture
def served_url(tmp_path: Path) -> Iterator[str]:
    """Our own server over an empty workspace."""
    from millwright.server.options import ServerOptions
    from millwright.server.run import serve
    from millwright.server.service import services_of
    from millwright.workspace.workspace import Workspace

    folder = tmp_path / "served"
    folder.mkdir()
    told, started, stop = [], threading.Event(), threading.Event()

    def ready(url: str) -> None:
        told.append(url)
        started.set()

    def run() -> None:
        with Workspace.open(folder) as workspace:
            serve(ServerOptions(port=0), services_of(workspace), ready=ready, stop=stop)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert started.wait(20)
        yield told[0]
    finally:
        stop.set()
        thread.join(20)
