from __future__ import annotations


def test_runs_list_shows_each_run_with_status_and_who_started_it(trained_once, mw):
    answer = mw(trained_once, "runs", "list")
    row = next(line for line in answer.out.splitlines() if "completed" in line)
    assert "late-visit" in row
    assert "user:ann" in row
    assert f"Next: mw runs show {row.split()[0]}" in answer.out


def test_runs_list_keeps_to_one_pipeline(trained_once, mw):
    assert len(mw(trained_once, "runs", "list", "--pipeline", "late-visit", "--json").json) == 1
    assert mw(trained_once, "runs", "list", "--pipeline", "other", "--json").json == []
    answer = mw(trained_once, "runs", "list", "--pipeline", "other")
    assert "No pipeline 'other' has run in this workspace." in answer.out


def test_runs_list_of_an_empty_workspace_says_what_to_do(tmp_path, mw):
    answer = mw(tmp_path, "runs", "list")
    assert answer.code == 0
    assert "No pipeline has run in this workspace." in answer.out
    assert "mw demo" in answer.out


def test_runs_list_refuses_a_limit_below_one(trained_once, mw):
    answer = mw(trained_once, "runs", "list", "--limit", "0")
    assert answer.code == 2
    assert "--limit" in answer.err


def test_runs_show_takes_the_last_digits_and_shows_everything_noted(trained_once, mw):
    run = mw(trained_once, "runs", "list", "--json").json[0]["id"]
    answer = mw(trained_once, "runs", "show", run[-8:])
    assert f"run {run}" in answer.out
    assert "code pipeline.py:late_visit" in answer.out
    for step in ("ingest", "validate", "split", "tune", "evaluate", "package", "check_gates", "register", "deploy"):
        assert step in answer.out
    assert "log_loss" in answer.out
    assert "majority_class 0.5000" in answer.out
    assert "Next: mw models show late-visit@1" in answer.out


def test_runs_show_gives_records_as_json(trained_once, mw):
    run = mw(trained_once, "runs", "list", "--json").json[0]["id"]
    shown = mw(trained_once, "runs", "show", run, "--json").json
    assert shown["run"]["id"] == run
    assert [step["step"] for step in shown["steps"]][:3] == ["ingest", "validate", "split"]


def test_runs_show_shows_why_a_run_failed(trained, mw):
    (trained / "visits.csv").write_text("load,crew,days,late\n1,z,5,yes\n2,z,6,no\n", encoding="utf-8")
    assert mw(trained, "run", "pipeline.py").code == 1
    run = mw(trained, "runs", "list", "--json").json[0]["id"]
    answer = mw(trained, "runs", "show", run)
    assert "failed" in answer.out
    assert "broke the contract" in answer.out or "break the contract" in answer.out
    assert f"mw run pipeline.py:late_visit --resume {run[-8:]}" in answer.out


def test_runs_show_names_the_run_that_is_unknown(trained_once, mw):
    answer = mw(trained_once, "runs", "show", "12345678")
    assert answer.code == 1
    assert answer.out == ""
    assert answer.err.startswith("Error: ")
    assert "12345678" in answer.err
    assert answer.err.count("\n") == 1


def test_runs_trials_lists_every_trial_with_its_metrics_and_parameters(trained_once, mw):
    run = mw(trained_once, "runs", "list", "--json").json[0]["id"]
    answer = mw(trained_once, "runs", "trials", run)
    assert "baseline" in answer.out
    assert "roc_auc" in answer.out
    trials = mw(trained_once, "runs", "trials", run, "--json").json
    assert {"roc_auc", "accuracy", "duration_s"} <= set(trials[0]["metrics"])
    assert all(trial["status"] == "finished" for trial in trials)


def test_runs_trials_of_a_cached_training_are_those_of_the_run_that_trained(trained, mw):
    first = mw(trained, "runs", "list", "--json").json[0]["id"]
    assert mw(trained, "run", "pipeline.py").code == 0
    second = mw(trained, "runs", "list", "--json").json[0]["id"]
    assert second != first
    trials = [mw(trained, "runs", "trials", run, "--json").json for run in (first, second)]
    assert trials[0] == trials[1] != []


def test_runs_show_draws_when_steps_were_executed_and_what_they_took(trained_once, mw, monkeypatch):
    run = mw(trained_once, "runs", "list", "--json").json[0]["id"]
    monkeypatch.setenv("COLUMNS", "80")
    lines = mw(trained_once, "runs", "show", run).out.splitlines()
    head = next(line for line in lines if line.strip().startswith("step") and "when" in line)
    assert head.split() == ["step", "when", "seconds", "CPU", "s", "memory"]
    tune = next(line for line in lines if line.startswith(" ✓ tune"))
    assert "█" in tune or "▏" in tune
    assert tune.split()[-1] in {"MB", "GB"}
    assert max(map(len, lines[: lines.index(tune) + 8])) <= 80
    assert any(line.startswith("In all ") for line in lines)
