from __future__ import annotations

import pytest


@pytest.mark.parametrize("command", ["show", "logs", "trials"])
def test_command_is_about_the_latest_run_when_none_is_named(trained, mw, command):
    assert mw(trained, "run", "pipeline.py").code == 0
    latest, earlier = (run["id"] for run in mw(trained, "runs", "list", "--limit", "2", "--json").json)
    assert latest != earlier
    assert mw(trained, "runs", command).out == mw(trained, "runs", command, latest).out
    assert latest[-8:] in mw(trained, "runs", command).out


@pytest.mark.parametrize("command", ["show", "logs", "trials"])
def test_command_says_what_to_do_where_nothing_has_run(tmp_path, mw, command):
    answer = mw(tmp_path, "runs", command)
    assert answer.code == 1
    assert "No pipeline has run in this workspace. Run one: mw run pipeline.py" in answer.err
