from __future__ import annotations

import re

import pytest

PIPELINE = """
import millwright as mw


@mw.step
def work(number: int) -> int:
    return number


@mw.pipeline(schedule=mw.on.cron("30 2 * * *", tz="Europe/Berlin"))
def nightly(number: int = 1):
    work(number)


@mw.pipeline
def timeless(number: int):
    work(number)
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "pipeline.py").write_text(PIPELINE, encoding="utf-8")
    return tmp_path


def test_schedule_is_added_as_the_pipeline_says(project, mw):
    told = mw(project, "schedules", "add", "pipeline.py:nightly")
    assert "Schedule nightly runs nightly at '30 2 * * *' (Europe/Berlin)" in told.out
    assert told.out.count("02:30 CE") == 3
    [record] = mw(project, "schedules", "list", "--json").json
    assert (record["cron"], record["tz"], record["catch_up"]) == ("30 2 * * *", "Europe/Berlin", "last")
    assert record["target"]["pipeline"] == f"{project / 'pipeline.py'}:nightly"
    assert "nightly" in mw(project, "schedules", "list").out


def test_times_with_seconds_are_told_with_them(project, mw):
    told = mw(project, "schedules", "add", "pipeline.py:nightly", "--cron", "*/5 * * * * *", "--name", "often")
    assert len(set(re.findall(r"\d\d:\d\d:\d\d UTC", told.out))) == 3
    mw(project, "schedules", "remove", "often")
    mw(project, "schedules", "add", "pipeline.py:nightly", "--cron", "7 30 2 * * *")
    assert "02:30:07" in mw(project, "schedules", "list").out


def test_options_win_over_what_the_pipeline_says(project, mw):
    words = ["--cron", "@daily", "--name", "each-day", "--param", "number=5", "--catch-up", "all", "--priority", "2"]
    record = mw(project, "schedules", "add", "pipeline.py:nightly", *words, "--json").json
    assert (record["name"], record["cron"], record["tz"], record["catch_up"]) == ("each-day", "0 0 * * *", "UTC", "all")
    assert (record["target"]["params"], record["target"]["priority"]) == ({"number": "5"}, 2)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["pipeline.py:timeless", "--param", "number=1"], "names no schedule"),
        (["pipeline.py:timeless", "--cron", "@daily"], "Parameter 'number' is missing"),
        (["pipeline.py:nightly", "--param", "nmber=1"], "Did you mean 'number'?"),
        (["pipeline.py:nightly", "--param", "number"], "name=value"),
        (["pipeline.py:nightly", "--cron", "often"], "Expected a cron expression"),
        (["pipeline.py:nightly", "--tz", "Berlin/Europe"], "no time zone"),
    ],
)
def test_schedule_that_cannot_be_is_refused(project, mw, words, told):
    answer = mw(project, "schedules", "add", *words)
    assert answer.code == 1
    assert told in answer.err


def test_schedule_that_is_there_stays_or_is_changed(project, mw):
    mw(project, "schedules", "add", "pipeline.py:nightly")
    mw(project, "schedules", "pause", "nightly")
    told = mw(project, "schedules", "add", "pipeline.py:nightly")
    assert "Schedule nightly (paused) is there already, and stays: it runs nightly at '30 2 * * *'" in told.out
    changed = mw(project, "schedules", "add", "pipeline.py:nightly", "--param", "number=2")
    assert "Schedule nightly (paused) is changed: parameters; it runs" in changed.out
    assert mw(project, "schedules", "add", "pipeline.py:nightly", "--json").json["change"] == "changed"


def test_schedule_is_paused_resumed_and_removed(project, mw):
    mw(project, "schedules", "add", "pipeline.py:nightly")
    assert "is paused" in mw(project, "schedules", "pause", "nightly").out
    assert "no next time" in mw(project, "schedules", "next", "nightly").out
    assert "is active" in mw(project, "schedules", "resume", "nightly").out
    times = mw(project, "schedules", "next", "nightly", "--count", "2", "--json").json["next"]
    assert [time[11:16] for time in times] == ["02:30", "02:30"]
    assert "is gone" in mw(project, "schedules", "remove", "nightly").out
    assert "There are no schedules" in mw(project, "schedules", "list").out
    assert "no schedule 'nightly'" in mw(project, "schedules", "pause", "nightly").err


def test_times_are_listed_in_the_schedules_own_zone(project, mw):
    mw(project, "schedules", "add", "pipeline.py:nightly")
    assert re.search(r"02:30 CES?T", mw(project, "schedules", "list").out)
