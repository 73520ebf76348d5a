from __future__ import annotations

import json
import sqlite3
from contextlib import closing

RUN = "a" * 32
SCHEMA = """
CREATE TABLE experiments (experiment_id INTEGER, name TEXT, lifecycle_stage TEXT, creation_time, last_update_time);
CREATE TABLE experiment_tags (key TEXT, value TEXT, experiment_id INTEGER);
CREATE TABLE runs (run_uuid TEXT, name TEXT, user_id TEXT, status TEXT, start_time, end_time, lifecycle_stage TEXT,
    artifact_uri TEXT, experiment_id INTEGER);
CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT);
CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT);
CREATE TABLE metrics (key TEXT, value FLOAT, timestamp, run_uuid TEXT, step, is_nan BOOLEAN);
"""


def write_store(folder) -> None:
    with closing(sqlite3.connect(folder / "mlflow.db")) as connection, connection:
        connection.executescript(SCHEMA)
        connection.execute("INSERT INTO experiments VALUES (1, 'old', 'active', 1700000000000, 1700000000000)")
        values = (RUN, f"mlflow-artifacts:/1/{RUN}/artifacts")
        connection.execute("INSERT INTO runs VALUES (?, 'r', 'ada', 'FINISHED', 1, 2, 'active', ?, 1)", values)
        connection.execute("INSERT INTO metrics VALUES ('loss', 0.5, 1, ?, 0, 0)", (RUN,))
    path = folder / "mlartifacts" / "1" / RUN / "artifacts" / "model.txt"
    path.parent.mkdir(parents=True)
    path.write_text("weights")


def test_import_says_what_was_carried_and_twice_is_the_same(tmp_path, mw):
    write_store(tmp_path)
    words = ("import", "mlflow", "sqlite:///mlflow.db", "--artifacts", "mlartifacts")
    first = mw(tmp_path, *words)
    assert first.code == 0, first.err
    assert "1 of 1 runs are equal" in first.out
    again = json.loads(mw(tmp_path, *words, "--json").out)
    assert again["ok"] is True
    assert (again["present"], again["seen"]["files"], again["carried"]["runs"]) == (1, 1, 0)


def test_import_without_the_folder_says_what_was_left_out(tmp_path, mw):
    write_store(tmp_path)
    answer = mw(tmp_path, "import", "mlflow", "mlflow.db")
    assert answer.code == 0
    assert "name the folder with --artifacts" in answer.out


def test_import_of_something_else_is_refused(tmp_path, mw):
    (tmp_path / "x.db").write_text("nothing of that kind" * 50)
    for words, told in (
        (("mlflow.db",), "no file mlflow.db"),
        (("x.db",), "as an MLflow database"),
        (("http://127.0.0.1:1",), "Cannot ask http://127.0.0.1:1"),
        (("http://127.0.0.1:1", "--artifacts", "x"), "--artifacts with a file only"),
        (("ftp://x",), "no file ftp:"),
    ):
        answer = mw(tmp_path, "import", "mlflow", *words)
        assert answer.code == 1
        assert told in answer.err


def test_export_to_nobody_is_told(tmp_path, mw):
    answer = mw(tmp_path, "export", "mlflow", "http://127.0.0.1:1")
    assert answer.code == 1
    assert "Check the URL and that the server runs" in answer.err
    assert "Expected the URL of an MLflow server" in mw(tmp_path, "export", "mlflow", "nonsense").err
