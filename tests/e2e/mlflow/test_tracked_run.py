"""What `mw.track` writes, and `mw sync` brings over, as MLflow's client sees it; and the other way round."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

from e2e.workplace import PATIENCE_S, Workplace, finish
from tiny import forking

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

mlflow = pytest.importorskip("mlflow", reason="needs the mlflow client")
_URL = re.compile(r"http://[\w.]+:\d+")
_TRACKED = """
import millwright as mw
with mw.track("delay", name="outer", params={"lr": 0.1}, tags={"team": "a"}, offline=OFFLINE) as outer:
    with mw.track("delay", name="inner", parent=outer, offline=OFFLINE) as inner:
        for step in range(1500):
            inner.log_metric("loss", 1 / (step + 1), step=step)
        inner.log_metric("odd", float("nan"))
        inner.log_text("hello", "notes/a.txt")
"""


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """`mw server` as a process, in a folder of its own."""
    folder = tmp_path / "server"
    folder.mkdir()
    (folder / "millwright.toml").write_text("", encoding="utf-8")
    process = Workplace(folder).start("server", "--port", "0")
    assert process.stdout is not None
    found = _URL.search(process.stdout.readline())
    assert found is not None, process.communicate(timeout=PATIENCE_S)
    yield found.group()
    process.terminate()
    finish(process)


def track(folder: Path, *, offline: bool) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "millwright.toml").touch()
    environment = {**os.environ, "MILLWRIGHT_HOME": str(folder)}
    code = _TRACKED.replace("OFFLINE", str(offline))
    assert forking.run(["-c", code], cwd=folder, env=environment).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("offline", [False, True])
def test_client_reads_tracked_runs(url: str, tmp_path: Path, offline: bool) -> None:
    folder = tmp_path / ("elsewhere" if offline else "server")
    track(folder, offline=offline)
    if offline:
        for keep in (["--keep"], []):
            assert Workplace(folder).mw("sync", "--to", url, *keep).code == 0
    client = mlflow.MlflowClient(url)
    experiment = client.get_experiment_by_name("delay")
    runs = {run.info.run_name: run for run in client.search_runs([experiment.experiment_id])}
    assert set(runs) == {"outer", "inner"}
    outer, inner = runs["outer"], runs["inner"]
    assert (outer.info.status, outer.data.params) == ("FINISHED", {"lr": "0.1"})
    assert outer.data.tags["team"] == "a"
    assert inner.data.tags["mlflow.parentRunId"] == outer.info.run_id
    assert inner.data.tags["mlflow.source.type"] == "LOCAL"
    history = client.get_metric_history(inner.info.run_id, "loss")
    assert [point.step for point in history] == list(range(1500))
    assert [file.path for file in client.list_artifacts(inner.info.run_id, "notes")] == ["notes/a.txt"]
    assert inner.data.metrics["system/system_memory_usage_megabytes"] > 0


@pytest.mark.slow
def test_runs_of_the_client_are_found_by_our_search(url: str, tmp_path: Path) -> None:
    client = mlflow.MlflowClient(url)
    parent = client.create_run(client.create_experiment("delay"), run_name="theirs")
    child = client.create_run(parent.info.experiment_id, tags={"mlflow.parentRunId": parent.info.run_id})
    client.log_metric(child.info.run_id, "auc", 0.9)
    found = Workplace(tmp_path / "server").mw("runs", "search", "metrics.auc > 0.8", "--json").json
    assert [(run["id"], run["parent_id"]) for run in found["items"]] == [(child.info.run_id, parent.info.run_id)]
