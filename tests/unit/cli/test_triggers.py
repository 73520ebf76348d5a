from __future__ import annotations

import pytest

PIPELINE = """
import millwright as mw


@mw.step
def work(number: int) -> int:
    return number


@mw.pipeline(on=[mw.on.dataset("visits"), mw.on.webhook("push"), mw.on.cron("@daily")])
def eager(number: int = 1):
    work(number)


@mw.pipeline
def idle():
    work(1)
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "pipeline.py").write_text(PIPELINE, encoding="utf-8")
    return tmp_path


def test_triggers_are_added_as_the_pipeline_says(project, mw):
    told = mw(project, "triggers", "add", "pipeline.py:eager")
    assert "eager runs on a new version of visits" in told.out
    assert "POST /api/v1/hooks/mwh_" in told.out
    assert "mw schedules add pipeline.py:eager" in told.out
    listed = mw(project, "triggers", "list", "--json").json
    assert [(each["name"], each["kind"], each["has_token"]) for each in listed] == [
        ("eager.dataset-visits", "dataset", False),
        ("eager.webhook-push", "webhook", True),
    ]
    assert all(each["token_hash"] is None for each in listed)
    assert "a new version of visits" in mw(project, "triggers", "list").out


def test_triggers_are_added_as_options_say(project, mw):
    words = ["--code", "--drift", "late-visit", "--alert", "e", "--api", "--webhook", "w", "--dataset", "d"]
    made = mw(project, "triggers", "add", "pipeline.py:idle", *words, "--json").json
    assert sorted(each["kind"] for each in made) == ["alert", "alert", "api", "code", "dataset", "webhook"]
    [hook] = [each for each in made if each["kind"] == "webhook"]
    assert hook["token"].startswith("mwh_")
    [code] = [each for each in made if each["kind"] == "code"]
    assert len(code["position"]) == 64


def test_none_is_added_when_one_cannot_be(project, mw):
    mw(project, "triggers", "add", "pipeline.py:idle", "--api")
    answer = mw(project, "triggers", "add", "pipeline.py:idle", "--dataset", "d", "--api")
    assert answer.code == 1
    assert "already" in answer.err
    assert len(mw(project, "triggers", "list", "--json").json) == 1


def test_pipeline_that_names_nothing_is_refused(project, mw):
    answer = mw(project, "triggers", "add", "pipeline.py:idle")
    assert "names nothing that it runs on" in answer.err


def test_trigger_is_paused_resumed_and_removed(project, mw):
    mw(project, "triggers", "add", "pipeline.py:idle", "--code")
    assert "is paused" in mw(project, "triggers", "pause", "idle.code").out
    assert "is active" in mw(project, "triggers", "resume", "idle.code").out
    assert "is gone" in mw(project, "triggers", "remove", "idle.code").out
    assert "There are no triggers" in mw(project, "triggers", "list").out
