from __future__ import annotations

import pytest

import millwright as mw_package

QUIET = "[track]\nsystem_metrics = false\ncode = false\nenvironment = false\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "millwright.toml").write_text(QUIET, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name, auc in (("a", 0.7), ("b", 0.9)):
        with mw_package.track("delay", name=name, params={"model": "rf", "depth": len(name)}) as run:
            run.log_metric("auc", auc)
    return tmp_path


def test_runs_search_shows_what_was_asked_about_and_what_to_do_next(folder, mw):
    answer = mw(folder, "runs", "search", "metrics.auc > 0.6 and params.model = 'rf'", "--order", "metrics.auc desc")
    rows = [line.split() for line in answer.out.splitlines() if "finished" in line]
    assert [row[1] for row in rows] == ["b", "a"]
    assert f"Next: mw runs compare {rows[0][0]} {rows[1][0]}" in answer.out


def test_runs_search_pages_through_json(folder, mw):
    first = mw(folder, "runs", "search", "--limit", "1", "--json").json
    second = mw(folder, "runs", "search", "--limit", "1", "--after", first["next_token"], "--json").json
    assert [first["items"][0]["name"], second["items"][0]["name"]] == ["b", "a"]
    assert second["next_token"] is None


def test_runs_search_that_finds_nothing_says_so(folder, tmp_path_factory, mw):
    assert "No tracked run fits." in mw(folder, "runs", "search", "metrics.auc > 2").out
    assert "No run was tracked" in mw(tmp_path_factory.mktemp("empty"), "runs", "search").out


def test_runs_search_refuses_a_filter_that_cannot_be_read(folder, mw):
    answer = mw(folder, "runs", "search", "metrics.auc >")
    assert answer.code == 1
    assert "auc" in answer.err


def test_runs_compare_shows_only_what_differs(folder, mw):
    runs = [run["id"][-8:] for run in mw(folder, "runs", "search", "--json").json["items"]]
    answer = mw(folder, "runs", "compare", *runs)
    assert "auc" in answer.out
    assert "model" not in answer.out
    assert mw(folder, "runs", "compare", runs[0]).code == 1
    assert "differ in nothing" in mw(folder, "runs", "compare", runs[0], runs[0]).out


def test_runs_are_a_frame(folder):
    frame = mw_package.runs("metrics.auc > 0.8", order="metrics.auc desc")
    assert frame["name"].to_list() == ["b"]
    with mw_package.Workspace.open(folder) as workspace:
        assert mw_package.runs(workspace=workspace, experiment="delay").height == 2


def test_runs_search_shows_as_many_columns_as_have_room(folder, mw, monkeypatch):
    with mw_package.track("wide") as run:
        run.log_metrics({f"a_long_name_of_a_metric_{number}": 1.0 for number in range(6)})
    monkeypatch.setenv("COLUMNS", "100")
    assert "metric_0" in (shown := mw(folder, "runs", "search", "--experiment", "wide").out)
    assert "metric_1" not in shown
