"""MLflow's own client against a server that asks who comes."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from e2e.workplace import PATIENCE_S, Workplace, finish
from tiny import forking

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

_URL = re.compile(r"http://[\w.]+:\d+")
PASSWORD = "correct horse battery"
TRACK = """
import sys
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
client = MlflowClient()
try:
    run = client.create_run(client.create_experiment(sys.argv[1]))
    client.log_metric(run.info.run_id, "loss", 0.5)
    print(client.get_run(run.info.run_id).data.metrics, client.get_run(run.info.run_id).info.user_id)
except MlflowException as error:
    print(error.error_code, error)
"""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[Workplace, str]]:
    workplace = Workplace(tmp_path)
    for words in (("cora", "--role", "contributor"), ("vera", "--role", "viewer"), ("root", "--role", "admin")):
        process = forking.run(["-m", "millwright", "users", "add", *words], cwd=tmp_path, given=PASSWORD)
        assert process.returncode == 0, process.stderr
    process = workplace.start("server", "--port", "0", "--auth", "on")
    assert process.stdout is not None
    found = _URL.search(process.stdout.readline())
    assert found is not None, process.communicate(timeout=PATIENCE_S)
    yield workplace, found.group()
    process.terminate()
    finish(process)


def track(url: str, name: str, **environment: str) -> str:
    environment = {**os.environ, "MLFLOW_TRACKING_URI": url, **environment}
    done = forking.run(["-c", TRACK, name], cwd=Path.cwd(), env=environment, libraries=("mlflow",))
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_client_comes_in_with_a_token_or_a_password(place):
    pytest.importorskip("mlflow", reason="needs mlflow")
    workplace, url = place
    token = workplace.mw("tokens", "create", "cora", "--json").json["token"]
    assert "{'loss': 0.5}" in track(url, "one", MLFLOW_TRACKING_TOKEN=token)
    as_cora = {"MLFLOW_TRACKING_USERNAME": "cora", "MLFLOW_TRACKING_PASSWORD": PASSWORD}
    assert "{'loss': 0.5}" in track(url, "two", **as_cora)


def test_client_that_may_not_is_told_so_at_once(place):
    pytest.importorskip("mlflow", reason="needs mlflow")
    _, url = place
    as_vera = {"MLFLOW_TRACKING_USERNAME": "vera", "MLFLOW_TRACKING_PASSWORD": PASSWORD}
    assert track(url, "three", **as_vera).startswith("PERMISSION_DENIED")
    assert "credentials" in track(url, "four")
    assert "UNAUTHENTICATED" in track(url, "five", MLFLOW_TRACKING_TOKEN="nonsense")
