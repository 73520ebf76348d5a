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


def test_run_draws_when_steps_were_executed_and_what_they_took(control):
    run = control.json("/api/v1/runs")["items"][0]["id"]
    html = control.get(f"/runs/{run}", accept="text/html").text
    assert html.count('class="timespan"') == 9
    page = control.page(f"/runs/{run}")
    for word in ("When", "CPU seconds", "Memory", "Peak memory"):
        assert word in page


def test_steps_that_printed_lead_to_what_they_printed(empty):
    from pathlib import Path

    folder = empty.workspace.folder
    Path(folder, "flow.py").write_text(
        "import millwright as mw\n\n"
        "@mw.step\ndef loud(x: int) -> int:\n    print('<b>loud</b>\\x1b[2J', x)\n    return x\n\n"
        "@mw.step\ndef silent(x: int) -> int:\n    return x\n\n"
        "@mw.pipeline\ndef demo() -> None:\n    loud.map([1, 2])\n    silent(1)\n"
    )
    from millwright.pipelines.runner import RunOptions

    run = empty.workspace.launcher.run(str(Path(folder, "flow.py")), {}, RunOptions()).record
    html = empty.get(f"/runs/{run.id}", accept="text/html").text
    assert f'href="/runs/{run.id}/logs?step=loud"' in html
    assert "logs?step=silent" not in html
    assert "items 2" in html
