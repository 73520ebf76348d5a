"""MLflow's own client sends a file in parts and reads one by a presigned address, with and without authentication."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import time
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

import pytest

from e2e.workplace import PATIENCE_S, Workplace, finish
from tiny import forking

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

_URL = re.compile(r"http://[\w.]+:\d+")
PASSWORD = "correct horse battery"
BASE = "/api/2.0/mlflow-artifacts"
SMALL_PARTS = {
    "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD": "true",
    "MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD": "true",
    "MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE": "1000000",
    "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE": "1000000",
    "MLFLOW_MULTIPART_DOWNLOAD_CHUNK_SIZE": "2000000",
}
SEND_AND_READ = """
import pathlib, sys
import mlflow
mlflow.set_experiment("parts")
with mlflow.start_run() as run:
    data = b"".join(number.to_bytes(4, "big") for number in range(1_375_000))
    pathlib.Path("große datei.bin").write_bytes(data)
    mlflow.log_artifact("große datei.bin", "a/b")
    back = mlflow.artifacts.download_artifacts(f"runs:/{run.info.run_id}/a/b/große datei.bin", dst_path="back")
    assert pathlib.Path(back).read_bytes() == data
    print(run.info.experiment_id, run.info.run_id)
"""


class Running:
    """`mw server` as a process, for as long as the context.

    Args:
        auth: Whether it asks who comes; `cora` and `chad` then have tokens.
    """

    def __init__(self, folder: Path, *, auth: bool) -> None:
        self.workplace = Workplace(folder)
        self.tokens: dict[str, str] = {}
        (folder / "millwright.toml").write_text("[server]\naccess_log = true\n")
        self._words = ("--auth", "on") if auth else ()
        if auth:
            for words in (("root", "--role", "admin"), ("cora", "--role", "contributor"), ("chad",), ("vera",)):
                done = forking.run(["-m", "millwright", "users", "add", *words], cwd=folder, given=PASSWORD)
                assert done.returncode == 0, done.stderr
                self.tokens[words[0]] = self.workplace.mw("tokens", "create", words[0], "--json").json["token"]

    def __enter__(self) -> Self:
        self.process = self.workplace.start("server", "--port", "0", *self._words)
        assert self.process.stdout is not None
        found = _URL.search(self.process.stdout.readline())
        assert found is not None, self.process.communicate(timeout=PATIENCE_S)
        self.url = found.group()
        return self
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()

    def stop(self) -> None:
        """End it; then its log can be read."""
        self.process.terminate()
        self.log = finish(self.process).err

    def ask(self, method: str, url: str, body: bytes = b"", **headers: str) -> tuple[int, bytes, dict[str, str]]:
        """A request of no client's library."""
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=PATIENCE_S)
        connection.request(method, f"{parts.path}?{parts.query}" if parts.query else parts.path, body, headers)
        answer = connection.getresponse()
        got = answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()}
        connection.close()
        return got


def as_user(server: Running, who: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {server.tokens[who]}", "Content-Type": "application/json"}


@pytest.fixture(params=[False, True], ids=["loopback", "authentication"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path, auth=request.param) as running:
        yield running


def test_client_sends_a_file_in_parts_and_reads_it_in_ranges(server: Running, tmp_path: Path) -> None:
    pytest.importorskip("mlflow", reason="needs mlflow")
    environment = {**os.environ, **SMALL_PARTS, "MLFLOW_TRACKING_URI": server.url}
    if server.tokens:
        environment["MLFLOW_TRACKING_TOKEN"] = server.tokens["cora"]
    done = forking.run(["-c", SEND_AND_READ], cwd=tmp_path, env=environment, libraries=("mlflow",))
    assert done.returncode == 0, done.stderr
    server.stop()
    asked = [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]
    parts = [each for each in asked if each.get("method") == "PUT" and "/mpu/part/" in each.get("path", "")]
    assert [each["status"] for each in parts] == [200] * 6
    reads = [each for each in asked if each.get("status") == 206]
    assert len(reads) == 3
    assert "mwg_" not in server.log
    assert list((tmp_path / ".millwright").rglob("uploads/*/0*")) == []


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path, auth=True) as running:
        yield running


def test_address_of_a_part_is_good_for_that_part_alone(guarded: Running) -> None:
    body = json.dumps({"path": "f.bin", "num_parts": 2}).encode()
    create = f"{guarded.url}{BASE}/mpu/create/0/x"
    assert guarded.ask("POST", create, body)[0] == 401
    assert guarded.ask("POST", create, body, **as_user(guarded, "chad"))[0] == 403
    status, told, _ = guarded.ask("POST", create, body, **as_user(guarded, "cora"))
    assert status == 200, told
    upload = json.loads(told)
    one, two = ((each["url"], each["headers"]) for each in upload["credentials"])
    assert guarded.ask("PUT", one[0], b"x")[0] == 401
    assert guarded.ask("PUT", two[0], b"x", **one[1])[0] == 401
    assert guarded.ask("PUT", one[0].replace("/x/", "/y/"), b"x", **one[1])[0] == 401
    assert guarded.ask("GET", f"{guarded.url}{BASE}/artifacts/0/x/f.bin", **one[1])[0] == 401
    assert guarded.ask("PUT", f"{guarded.url}{BASE}/artifacts/0/x/f.bin", b"x", **one[1])[0] == 401
    assert guarded.ask("PUT", one[0], b"x", **as_user(guarded, "chad"))[0] == 403
    assert guarded.ask("PUT", one[0], b"one", **one[1])[0] == 200
    # Who has been shut out meanwhile is out.
    guarded.workplace.mw("users", "disable", "cora")
    time.sleep(2.5)  # so long it is known who somebody is
    assert guarded.ask("PUT", two[0], b"two", **two[1])[0] == 401


def test_parts_of_a_killed_server_can_be_completed_or_are_aborted(guarded: Running) -> None:
    body = json.dumps({"path": "f.bin", "num_parts": 1}).encode()
    create = f"{guarded.url}{BASE}/mpu/create/0/x"
    upload = json.loads(guarded.ask("POST", create, body, **as_user(guarded, "cora"))[1])
    part = upload["credentials"][0]
    etag = guarded.ask("PUT", part["url"], b"kept", **part["headers"])[2]["etag"]
    guarded.process.send_signal(signal.SIGKILL)
    guarded.process.communicate(timeout=PATIENCE_S)
    guarded.__enter__()
    # What was given out by the server before is not known any more; who has a right of their own still may.
    assert guarded.ask("PUT", part["url"], b"x", **part["headers"])[0] == 401
    done = {"path": "f.bin", "upload_id": upload["upload_id"], "parts": [{"part_number": 1, "etag": etag}]}
    complete = f"{guarded.url}{BASE}/mpu/complete/0/x"
    assert guarded.ask("POST", complete, json.dumps(done).encode(), **as_user(guarded, "cora"))[0] == 200
    read = guarded.ask("GET", f"{guarded.url}{BASE}/artifacts/0/x/f.bin", **as_user(guarded, "cora"))
    assert read[:2] == (200, b"kept")
