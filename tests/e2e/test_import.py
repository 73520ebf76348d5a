"""`mw import mlflow` is killed at several points and run again: everything is there once, and equal."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from e2e.workplace import HERE, finish
from millwright.core.ids import RunId

if TYPE_CHECKING:
    from pathlib import Path

    from e2e.workplace import Workplace

KILL_AT = str(HERE / "kill_at.py")
RUNS = 6
POINTS = 2000
SCHEMA = """
CREATE TABLE experiments (experiment_id INTEGER, name TEXT, lifecycle_stage TEXT, creation_time, last_update_time);
CREATE TABLE experiment_tags (key TEXT, value TEXT, experiment_id INTEGER);
CREATE TABLE runs (run_uuid TEXT, name TEXT, user_id TEXT, status TEXT, start_time, end_time, lifecycle_stage TEXT,
    artifact_uri TEXT, experiment_id INTEGER);
CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT);
CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT);
CREATE TABLE metrics (key TEXT, value FLOAT, timestamp, run_uuid TEXT, step, is_nan BOOLEAN);
CREATE TABLE registered_models (name TEXT, creation_time, last_updated_time, description TEXT);
CREATE TABLE registered_model_aliases (alias TEXT, version INTEGER, name TEXT);
CREATE TABLE model_version_tags (key TEXT, value TEXT, name TEXT, version INTEGER);
CREATE TABLE model_versions (name TEXT, version INTEGER, creation_time, last_updated_time, description TEXT,
    user_id TEXT, current_stage TEXT, source TEXT, run_id TEXT, status TEXT, status_message TEXT);
INSERT INTO experiments VALUES (1, 'old', 'active', 1700000000000, 1700000000000);
INSERT INTO registered_models VALUES ('delay', 1700000000000, NULL, '');
INSERT INTO registered_model_aliases VALUES ('champion', 5, 'delay');
"""


def write_origin(folder: Path) -> list[str]:
    ids = [f"{number:032x}" for number in range(1, RUNS + 1)]
    with closing(sqlite3.connect(folder / "mlflow.db")) as connection, connection:
        connection.executescript(SCHEMA)
        for number, run_id in enumerate(ids):
            uri = f"mlflow-artifacts:/1/{run_id}/artifacts"
            values = (run_id, f"run {number}", uri)
            connection.execute("INSERT INTO runs VALUES (?, ?, 'ada', 'FINISHED', 1, 2, 'active', ?, 1)", values)
            points = [("loss", step / 3, step, run_id, step) for step in range(POINTS)]
            connection.executemany("INSERT INTO metrics VALUES (?, ?, ?, ?, ?, 0)", points)
            version = (number + 1, f"{uri}/model", run_id)
            connection.execute(
                "INSERT INTO model_versions VALUES ('delay', ?, 1, 1, '', 'ada', 'None', ?, ?, 'READY', '')", version
            )
            file = folder / "mlartifacts" / "1" / run_id / "artifacts" / "model" / "weights.bin"
            file.parent.mkdir(parents=True)
            file.write_bytes(run_id.encode() * 10_000)
    return ids


@pytest.mark.slow
def test_killed_import_goes_on_where_it_was(workplace: Workplace) -> None:
    ids = write_origin(workplace.folder)
    words = ("import", "mlflow", "mlflow.db", "--artifacts", "mlartifacts", "--json")
    points = (
        "return SqlFileStore.put 2",
        "call SqlRunStore.append_metrics 2",
        "return SqlRunStore.append_metrics 2",
        "return SqlModelStore.create_version 3",
        "call SqlModelAliases.put_alias 1",
    )
    for point in points:
        killed = workplace.start(*point.split(), *words, program=(KILL_AT,))
        assert finish(killed, code=None).code == -9, point
    report = workplace.mw(*words).json
    assert report["ok"] is True
    assert report["verified"] == RUNS
    again = workplace.mw(*words).json
    assert (again["present"], any(again["carried"].values())) == (RUNS, False)
    with workplace.open() as workspace:
        for run_id in ids:
            assert len(workspace.stores.runs.list_history(RunId(run_id), "loss")) == POINTS
        assert [each.version for each in workspace.stores.models.list_versions("delay")] == list(range(RUNS, 0, -1))
        assert workspace.stores.models.find_alias("delay", "champion").version == 5
    assert workplace.mw("audit", "verify").code == 0
