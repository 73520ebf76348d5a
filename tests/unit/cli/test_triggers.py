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


def test_triggers_that_are_there_stay_when_a_condition_is_added(project, mw):
    first = mw(project, "triggers", "add", "pipeline.py:eager", "--json").json
    assert [each["change"] for each in first] == ["added", "added"]
    file = project / "pipeline.py"
    file.write_text(PIPELINE.replace('mw.on.webhook("push")', 'mw.on.webhook("push"), mw.on.api()'), encoding="utf-8")
    told = mw(project, "triggers", "add", "pipeline.py:eager")
    assert told.code == 0
    assert "Trigger eager.dataset-visits is there already, and stays." in told.out
    assert "Trigger eager.webhook-push is there already, and stays." in told.out
    assert "Trigger eager.api: eager runs on calls of the API" in told.out
    assert "/api/v1/hooks/" not in told.out
    changed = mw(project, "triggers", "add", "pipeline.py:eager", "--api", "--param", "number=2")
    assert "Trigger eager.api is changed: parameters" in changed.out
    listed = mw(project, "triggers", "list", "--json").json
    assert {each["name"]: each["target"]["params"] for each in listed} == {
        "eager.dataset-visits": {},
        "eager.webhook-push": {},
        "eager.api": {"number": "2"},
    }


def test_none_is_added_when_one_cannot_be(project, mw):
    mw(project, "triggers", "add", "pipeline.py:idle", "--api")
    (project / "other.py").write_text(PIPELINE, encoding="utf-8")
    answer = mw(project, "triggers", "add", "other.py:idle", "--dataset", "d", "--api")
    assert answer.code == 1
    assert "mw triggers remove idle.api" in answer.err
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


def test_alerts_of_some_kinds_and_of_all_are_triggers_side_by_side(project, mw):
    made = mw(project, "triggers", "add", "pipeline.py:idle", "--drift", "m", "--alert", "m", "--json").json
    assert [each["name"] for each in made] == ["idle.drift-m", "idle.alert-m"]
