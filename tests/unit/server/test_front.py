from __future__ import annotations

import socket
import subprocess
import time
from contextlib import closing

import httpx
import pytest

from tiny import forking


def test_probes_are_answered_without_the_pages(control):
    assert control.get("/health").text == "OK"
    assert control.get("/version").text
    assert control.get("/metrics").text.startswith("# HELP")


def test_unknown_path_of_the_wire_is_answered_as_mlflow_answers(control):
    answer = control.get("/api/2.0/mlflow/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert control.get("/api/v1/nothing").json()["error"]["code"] == "not_found"


def test_doubled_slashes_are_redirected_to_the_path_without_them(control):
    asked = "/model-versions/get-artifact?name=a%20b&version=1&path=..%2Fx"
    first = control.client.get(f"http://127.0.0.1/{asked}", follow_redirects=False)
    assert (first.status_code, first.headers["location"]) == (308, asked)
    assert control.client.get(f"http://127.0.0.1/{asked}").json()["message"] == "Invalid path"
    made = control.client.get("/api/2.0//mlflow/experiments/get?experiment_id=0")
    assert made.json()["experiment"]["name"] == "Default"
    assert control.client.get("http://127.0.0.1//elsewhere.example/x", follow_redirects=False).status_code == 404


@pytest.mark.slow
def test_server_in_an_empty_folder_answers_within_seconds(tmp_path):
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    begun = time.monotonic()
    command = ["-m", "millwright", "server", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--artifacts", str(tmp_path / "elsewhere")]
    with forking.start(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=None) as process:
        try:
            while True:
                try:
                    assert httpx.get(f"http://127.0.0.1:{port}/health", timeout=5).text == "OK"
                    break
                except httpx.ConnectError:
                    assert time.monotonic() - begun < 20  # 2 on a machine that does nothing else
                    time.sleep(0.02)
        finally:
            process.terminate()
        assert process.wait(20) == 0
