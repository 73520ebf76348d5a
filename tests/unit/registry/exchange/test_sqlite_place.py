from __future__ import annotations

import os
from pathlib import Path

import pytest

from millwright.core.errors import NotFoundError, StorageError
from millwright.core.ids import RunId
from millwright.registry.exchange.sqlite_place import SqlitePlace

FIRST = "a" * 32


def test_file_that_is_not_there_or_not_mlflows_is_refused(tmp_path, stores):
    with pytest.raises(NotFoundError, match="no file"):
        SqlitePlace(tmp_path / "nothing.db")
    (tmp_path / "text.db").write_text("this is no database" * 100)
    with pytest.raises(StorageError, match=r"Cannot read .*text.db as an MLflow database"):
        SqlitePlace(tmp_path / "text.db")
    stores.runs.list_runs()
    with pytest.raises(StorageError, match="to be an MLflow database, found no table"):
        SqlitePlace(tmp_path / "x.db")


def test_file_is_not_changed(carry, origin):
    before = origin.path.read_bytes()
    carry()
    assert origin.path.read_bytes() == before
    assert not list(origin.path.parent.glob("mlflow.db-*"))


@pytest.mark.parametrize(
    "uri",
    [
        "mlflow-artifacts:/../secret",
        "mlflow-artifacts:/1/%2e%2e/%2e%2e/secret",
        "mlflow-artifacts:/",
        "file:///etc",
        "/etc",
        "../secret",
        "file://host/etc",
        "s3://bucket/x",
        "http://127.0.0.1/x",
        "",
    ],
)
def test_artifacts_outside_the_folder_are_left_out_and_told(carry, origin, stores, uri):
    secret = origin.path.parent / "secret"
    secret.mkdir()
    (secret / "key.txt").write_text("secret")
    origin.execute("UPDATE runs SET artifact_uri = ? WHERE run_uuid = ?", uri, FIRST)
    report = carry()
    assert any(text.startswith(f"Artifacts of run {FIRST}") for text in report.left_out)
    assert list(stores.files.walk()) == []


def test_links_out_of_the_folder_are_not_followed(carry, origin, stores):
    outside = origin.path.parent / "outside"
    outside.mkdir()
    (outside / "key.txt").write_text("secret")
    folder = origin.add_file(FIRST, "ok.txt", b"fine").parent
    (folder / "link.txt").symlink_to(outside / "key.txt")
    (folder / "folder").symlink_to(outside)
    os.mkfifo(folder / "pipe")
    assert carry().ok
    names = {Path(file.path).name for file in stores.files.walk()}
    assert names == {"MLmodel", "a b ü.txt", "ok.txt"}


def test_file_uri_inside_the_folder_is_read(carry, origin, stores):
    uri = (origin.artifacts / "1" / FIRST / "artifacts").as_uri()
    origin.execute("UPDATE runs SET artifact_uri = ? WHERE run_uuid = ?", uri, FIRST)
    assert carry().carried["files"] == 2
    assert len(list(stores.files.walk())) == 2


def test_artifacts_are_told_to_be_missing_when_no_folder_was_named(carry):
    report = carry(artifacts=False)
    assert "name the folder with --artifacts" in report.left_out[0]
    assert "1 trace: not carried" in report.left_out[-1]


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE runs SET status = 'ODD' WHERE run_uuid = ?", "status of a run"),
        ("UPDATE runs SET start_time = 99999999999999999 WHERE run_uuid = ?", "could not be carried"),
        ("UPDATE metrics SET timestamp = 99999999999999999 WHERE run_uuid = ?", "could not be carried"),
    ],
)
def test_damaged_run_is_told_and_the_others_are_carried(carry, origin, stores, statement, told):
    origin.execute(statement, FIRST)
    report = carry()
    assert not report.ok
    assert any(told in text for text in report.differences)
    assert stores.runs.get_run(RunId("b" * 32)).name == "second"


def test_run_whose_id_is_a_path_is_refused(carry, origin, stores):
    origin.add_run("../../escape", "hostile")
    report = carry()
    assert any("run's id of letters" in text for text in report.differences)
    assert stores.runs.get_run(RunId(FIRST))
