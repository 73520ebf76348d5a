from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from millwright.core.ids import ExperimentId, RunId
from millwright.core.records.run import RunRecord, RunStatus
from millwright.testing import sample

UPLOAD = "/ajax-api/2.0/mlflow/upload-artifact"


@pytest.fixture
def run_id(wire) -> str:
    return new_run(wire, "a" * 32)


def new_run(wire, run_id, **fields):
    record = RunRecord(
        id=RunId(run_id),
        experiment_id=ExperimentId("0"),
        name="x",
        status=RunStatus.RUNNING,
        started_at=sample.NOON,
        **fields,
    )
    wire.workspace.stores.runs.create_run(record)
    return run_id


def upload(wire, run_id, path, data):
    return wire.ask("POST", UPLOAD, params={"run_uuid": run_id, "path": path}, content=data)


def test_file_of_a_run_is_listed_and_sent(wire, run_id):
    assert wire.get("artifacts/list", run_id=run_id) == {"root_uri": f"mlflow-artifacts:/0/{run_id}/artifacts"}
    assert upload(wire, run_id, "dir/a.txt", b"data").status_code == 200
    listed = wire.get("artifacts/list", run_id=run_id)
    assert listed["files"] == [{"path": "dir", "is_dir": True}]
    below = wire.ask("GET", "artifacts/list", params={"run_id": run_id, "path": "dir"}).json()
    assert below["files"] == [{"path": "dir/a.txt", "is_dir": False, "file_size": 4}]
    answer = wire.ask("GET", "/get-artifact", params={"run_id": run_id, "path": "dir/a.txt"})
    assert (answer.content, answer.headers["content-disposition"]) == (b"data", "attachment; filename=a.txt")
    assert wire.workspace.stores.files.find(f"0/{run_id}/artifacts/dir/a.txt") is not None


def test_upload_of_the_page_has_a_limit_and_needs_everything(wire, run_id):
    assert "10MB" in upload(wire, run_id, "a", b"x" * (10 * 1024 * 1024 + 1)).json()["message"]
    assert upload(wire, run_id, "a", b"").json()["message"] == "Request must specify data."
    assert upload(wire, "", "a", b"x").json()["message"] == "Request must specify run_uuid."
    assert upload(wire, run_id, "", b"x").json()["message"] == "Request must specify path."
    assert upload(wire, run_id, "../../x", b"x").json()["message"] == "Invalid path"
    assert wire.workspace.stores.files.list() == []


def test_missing_run_and_file_are_404(wire, run_id):
    missing = (404, "RESOURCE_DOES_NOT_EXIST", "Run with id=nope not found")
    assert wire.fails("GET", "artifacts/list", params={"run_id": "nope"}) == missing
    assert wire.fails("GET", "/get-artifact", params={"run_id": "nope", "path": "a"}) == missing
    assert wire.fails("GET", "/get-artifact", params={"run_id": run_id, "path": "a"})[0] == 404
    nothing = wire.ask("GET", "artifacts/list", params={"run_id": run_id, "path": "nope"})
    assert set(nothing.json()) == {"root_uri"}


@pytest.mark.parametrize("path", ["../../x", "%2e%2e/%2e%2e/x", "/etc/passwd", "a#b", "file:///etc/passwd"])
def test_path_that_leads_out_of_the_run_is_refused(wire, run_id, path):
    for place, name in (("artifacts/list", "path"), ("/get-artifact", "path")):
        told = wire.fails("GET", place, params={"run_id": run_id, name: path})
        assert told == (400, "INVALID_PARAMETER_VALUE", "Invalid path")


@pytest.mark.parametrize("uri", ["s3://bucket/x", "file:///etc", "/etc", "mlflow-artifacts:/../../etc"])
def test_artifacts_elsewhere_are_never_opened(wire, uri):
    run_id = new_run(wire, "b" * 32, artifact_uri=uri)
    for place in ("artifacts/list", "/get-artifact"):
        status, code, message = wire.fails("GET", place, params={"run_id": run_id, "path": "passwd"})
        assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
        assert "this server keeps" in message or message == "Invalid path"


def test_presigned_addresses_are_refused_as_they_are_for_a_proxy(wire, run_id):
    upload_to = "artifacts/presigned-upload-url"
    assert "Exactly one of" in wire.fails("POST", upload_to, {"path": "a"})[2]
    assert "proxied artifact storage" in wire.fails("POST", upload_to, {"path": "a", "run_id": run_id})[2]
    told = wire.fails("POST", "artifacts/presigned-download-url", {"path": "a", "run_id": run_id})
    assert told[0] == 400
    assert "proxied artifact storage" in told[2]
    body = {"path": "a", "run_id": run_id, "expiration": 0}
    assert "between 1 and 604800" in wire.fails("POST", "artifacts/presigned-download-url", body)[2]


def test_long_listing_comes_in_pages(wire, run_id):
    files = wire.workspace.stores.files
    files.put(f"0/{run_id}/artifacts/00000", sample.digest("x"), 1, sample.NOON)
    # What as many puts would write, a thousand times as fast.
    with closing(sqlite3.connect(wire.workspace.folder / ".millwright" / "millwright.db")) as database, database:
        database.execute(
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10000) "
            "INSERT INTO files (folder, name, is_folder, digest, size_bytes, modified_at) "
            "SELECT folder, printf('%05d', n), is_folder, digest, size_bytes, modified_at "
            "FROM files, numbers WHERE name = '00000'"
        )
    first = wire.get("artifacts/list", run_id=run_id)
    assert len(first["files"]) == 10_000
    rest = wire.get("artifacts/list", run_id=run_id, page_token=first["next_page_token"])
    assert [file["path"] for file in rest["files"]] == ["10000"]
    assert "next_page_token" not in rest
    assert wire.fails("GET", "artifacts/list", params={"run_id": run_id, "page_token": "?"})[0] == 400


def test_file_of_a_version_is_sent_from_where_its_files_are(wire, run_id):
    upload(wire, run_id, "model/MLmodel", b"x: 1")
    wire.post("registered-models/create", {"name": "m"})
    source = f"mlflow-artifacts:/0/{run_id}/artifacts/model"
    wire.post("model-versions/create", {"name": "m", "source": source, "run_id": run_id})
    query = {"name": "m", "version": "1", "path": "MLmodel"}
    assert wire.ask("GET", "/model-versions/get-artifact", params=query).content == b"x: 1"
    for wrong, status in (
        ({"version": "2"}, 404),
        ({"version": "x"}, 400),
        ({"path": "../../x"}, 400),
        ({"name": "n"}, 404),
    ):
        assert wire.fails("GET", "/model-versions/get-artifact", params={**query, **wrong})[0] == status


@pytest.mark.parametrize("name", ["nobody", "ranker"])
def test_version_that_is_not_there_is_told_without_the_models_that_are(wire, name):
    wire.post("registered-models/create", {"name": "ranker"})
    query = {"name": name, "version": "7", "path": "a"}
    told = wire.fails("GET", "/model-versions/get-artifact", params=query)
    assert told == (404, "RESOURCE_DOES_NOT_EXIST", f"Model Version (name={name}, version=7) not found")
