from __future__ import annotations

import pytest

PIPELINE = """
import millwright as mw


@mw.step
def work(number: int) -> int:
    return number


@mw.pipeline
def worked(number: int = 1):
    work(number)
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "pipeline.py").write_text(PIPELINE, encoding="utf-8")
    return tmp_path


def queued(project, mw, *words: str) -> str:
    return mw(project, "run", "pipeline.py", "--queue", *words, "--json").json["request"]["id"]


def test_queued_run_is_listed_and_shown(project, mw):
    run = queued(project, mw, "--number", "7", "--priority", "3")
    assert run[-8:] in mw(project, "queue", "list").out
    shown = mw(project, "queue", "show", run[-8:]).out
    assert "number=7" in shown
    assert mw(project, "queue", "show", run, "--json").json["priority"] == 3
    assert mw(project, "queue", "list", "--state", "done", "--json").json == []
    assert [each["id"] for each in mw(project, "queue", "list", "--pipeline", "worked", "--json").json] == [run]


def test_queued_run_is_cancelled(project, mw):
    run = queued(project, mw, "--at", "1h")
    assert "is cancelled" in mw(project, "runs", "cancel", run[-8:]).out
    assert "1 ended" in mw(project, "queue", "list").out
    assert mw(project, "queue", "list", "--all", "--json").json[0]["state"] == "cancelled"
    answer = mw(project, "runs", "cancel", run)
    assert answer.code == 1
    assert "nothing to stop" in answer.err


def test_unknown_run_is_told(project, mw):
    assert "no queued run" in mw(project, "queue", "show", "00000000").err
    assert "no pipeline run" in mw(project, "runs", "cancel", "00000000").err


def test_queued_run_is_found_by_the_commands_that_follow(project, mw):
    run = queued(project, mw, "--number", "7")
    shown = mw(project, "runs", "show", run[-8:])
    assert shown.code == 0
    assert "queued" in shown.out
    assert "number=7" in shown.out
    assert "mw worker" in shown.out
    assert mw(project, "runs", "show", run, "--json").json["request"]["id"] == run
    answer = mw(project, "runs", "logs", run[-8:])
    assert answer.code == 1
    assert f"Nothing of run '{run[-8:]}' of 'worked' was executed: it is queued." in answer.err
    assert f"mw queue show {run[-8:]}" in answer.err
    assert "mw runs show" not in mw(project, "queue", "show", run).out


def test_nobody_is_told_to_stop_what_has_ended(project, mw):
    run = queued(project, mw)
    assert f"mw runs cancel {run[-8:]}" in mw(project, "queue", "list").out
    mw(project, "runs", "cancel", run)
    listed = mw(project, "queue", "list", "--all").out
    assert "stopped by" in listed
    assert "to be stopped" not in listed
    assert "mw runs cancel" not in listed
    assert "to be stopped" not in mw(project, "queue", "show", run).out
