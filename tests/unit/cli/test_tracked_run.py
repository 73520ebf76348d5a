from __future__ import annotations

import shlex

import pytest

import millwright as mw_package
from millwright.core.ids import RunId
from millwright.core.records.run_input import DatasetInput
from millwright.testing import sample
from millwright.workspace.workspace import Workspace

QUIET = "[track]\nsystem_metrics = false\ncode = false\nenvironment = false\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "millwright.toml").write_text(QUIET, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with mw_package.track("my delays", name="first", params={"model": "rf"}, tags={"team": "rail"}) as run:
        run.log_metric("auc", 0.5, step=1)
        run.log_metric("auc", 0.75, step=2)
    with Workspace.open(tmp_path) as workspace:
        stores, record = workspace.stores, workspace.tracker.resolve(run.id)
        stores.runs.put_tags(record.id, {"mlflow.note": "hidden"})
        tags = {"mlflow.data.context": "training"}
        stores.runs.add_inputs(
            record.id, [DatasetInput(name="visits", digest="d1", source_type="x", source="y", tags=tags)]
        )
        top = f"{record.experiment_id}/{record.id}/artifacts"
        for path in ("model/MLmodel", "plot.png"):
            stores.files.put(f"{top}/{path}", stores.artifacts.put(b"abc"), 3, sample.NOON)
    return tmp_path


@pytest.fixture
def run_id(folder, mw):
    return mw(folder, "runs", "search", "--json").json["items"][0]["id"]


def test_runs_show_tells_everything_of_a_tracked_run(folder, mw, run_id):
    answer = mw(folder, "runs", "show", run_id[-8:])
    assert answer.out.startswith(f"first  finished  tracked run {run_id}")
    assert "experiment my delays; started " in answer.out
    cells = [line.split() for line in answer.out.splitlines()]
    for row in (
        ["model", "rf"],
        ["auc", "0.75", "2"],
        ["team", "rail"],
        ["dataset", "visits", "d1", "training"],
        ["model/", "-"],
        ["plot.png", "3"],
    ):
        assert row in cells
    assert "hidden" not in answer.out
    hint = answer.out.splitlines()[-1].removeprefix("Next: ")
    assert run_id[-8:] in mw(folder, *shlex.split(hint)[1:]).out


def test_runs_show_gives_a_tracked_run_as_json(folder, mw, run_id):
    shown = mw(folder, "runs", "show", run_id, "--json").json
    assert (shown["run"]["id"], shown["experiment"]) == (run_id, "my delays")
    assert shown["run"]["metrics"] == {"auc": 0.75}
    assert shown["links"]["datasets"][0]["name"] == "visits"
    assert [(each["path"], each["is_folder"]) for each in shown["artifacts"]] == [("model", True), ("plot.png", False)]


def test_runs_show_of_a_run_inside_another_names_that_one(folder, mw, run_id):
    with Workspace.open(folder) as workspace:
        parent = workspace.stores.runs.get_run(RunId(run_id))
        child = sample.run(parent.experiment_id, parent_id=parent.id, artifact_uri="s3://elsewhere/x")
        workspace.stores.runs.create_run(child)
    out = mw(folder, "runs", "show", child.id).out
    assert f"Next: mw runs show {run_id}" in out
    assert "Artifacts are at s3://elsewhere/x" in out


def test_runs_show_of_neither_says_so(folder, mw):
    answer = mw(folder, "runs", "show", "12345678")
    assert answer.code == 1
    assert "no pipeline run" in answer.err.lower()
    assert "ends with '12345678'" in answer.err
    assert "mw runs search" in answer.err
