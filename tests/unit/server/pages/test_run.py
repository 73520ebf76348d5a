from __future__ import annotations


def test_runs_are_listed(control):
    page = control.page("/runs")
    assert "late-visit completed" in page
    assert "user:ann" in page


def test_run_shows_steps_with_durations_and_facts_and_trials(control):
    run = control.json("/api/v1/runs")["items"][0]["id"]
    page = control.page(f"/runs/{run}")
    for step in ("ingest", "validate", "split", "tune", "evaluate", "register", "deploy"):
        assert f"{step} completed" in page
    assert "dataset visits@1 · rows 300" in page
    assert "logistic_regression" in page
    assert "pipeline.py:late_visit" in page


def test_unknown_run_is_not_found(control):
    answer = control.get("/runs/0123456789", accept="text/html")
    assert answer.status_code == 404
    assert "Not Found" in answer.text
