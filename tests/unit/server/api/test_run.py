from __future__ import annotations


def test_run_comes_with_its_steps_and_trials(control):
    run = control.json("/api/v1/runs")["items"][0]
    detail = control.json(f"/api/v1/runs/{run['id']}")
    assert detail["run"] == run
    assert [step["step"] for step in detail["steps"]][:2] == ["ingest", "validate"]
    trials = control.json(f"/api/v1/runs/{run['id']}/trials")["items"]
    assert trials
    assert all("roc_auc" in trial["metrics"] for trial in trials)


def test_run_is_found_by_the_end_of_its_id(control):
    run = control.json("/api/v1/runs")["items"][0]
    assert control.json(f"/api/v1/runs/{run['id'][-8:]}")["run"]["id"] == run["id"]


def test_runs_are_of_one_pipeline_when_asked(control):
    assert len(control.json("/api/v1/runs?pipeline=late-visit")["items"]) == 1
    assert control.json("/api/v1/runs?pipeline=other")["items"] == []
