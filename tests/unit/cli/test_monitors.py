from __future__ import annotations

from datetime import timedelta

import pytest

from millwright.cli.monitors import words
from millwright.workspace.worker.chores import Chores, chores_of
from millwright.workspace.worker.options import WorkerOptions
from millwright.workspace.workspace import Workspace

MONITOR = """
[monitors.late]
endpoint = "late-visit"
every = "10m"
window = "7d"
rows = 500
"""


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(days=7), "7d"),
        (timedelta(minutes=90), "1.5h"),
        (timedelta(minutes=10), "10m"),
        (timedelta(seconds=5), "5s"),
        (timedelta(seconds=100), "100s"),
    ],
)
def test_duration_is_written_as_in_the_project_file(duration, text):
    assert words(duration) == text


def test_declared_monitors_are_listed_with_what_was_checked_last(served, mw):
    assert "The project file declares no monitor." in mw(served, "monitor", "list").out
    settings = served / "millwright.toml"
    settings.write_text(settings.read_text() + MONITOR)
    [before] = mw(served, "monitor", "list", "--json").json
    assert (before["declared_at"], before["last_report"], before["window"]) == (None, None, "7d, 500 rows")
    assert "Next: mw up" in mw(served, "monitor", "list").out
    with Workspace.open(served) as workspace:
        Chores(chores_of(workspace), WorkerOptions(), lambda: None).perform()
    [row] = mw(served, "monitor", "list", "--json").json
    assert (row["name"], row["every"], row["changes"], row["declared_by"]) == ("late", "10m", 1, "ann")
    assert row["last_report"]["rows"] == 120
    settings.write_text(settings.read_text().replace("rows = 500", "rows = 50"))
    [changed] = mw(served, "monitor", "list", "--json").json
    assert changed["digest"] != row["digest"]
    assert (changed["declared_at"], changed["last_report"]) == (None, None)


def test_list_says_which_monitors_watch_nothing_and_why(served, mw):
    settings = served / "millwright.toml"
    declared = """
[monitors.early]
endpoint = "late-vist"

[monitors.gone]
endpoint = "late-visit"
reference = "visits@99"

[monitors.idle]
endpoint = "late-visit"
[monitors.idle.action]
pipeline = "pipelin.py:visits"

[monitors.good]
endpoint = "late-visit"
[monitors.good.action]
pipeline = "pipeline.py"
"""
    settings.write_text(settings.read_text() + declared)
    with Workspace.open(served) as workspace:
        Chores(chores_of(workspace), WorkerOptions(), lambda: None).perform()
    found = {row["name"]: row["problem"] for row in mw(served, "monitor", "list", "--json").json}
    assert found["good"] is None
    assert found["early"].endswith("which is not there yet. Did you mean 'late-visit'?")
    assert "'gone' cannot be checked, so nothing is watched by it: " in found["gone"]
    assert "99" in found["gone"]
    assert "could train nothing: there is no file 'pipelin.py'" in found["idle"]
    assert "! The monitor 'gone' cannot be checked" in mw(served, "monitor", "list").out
    assert "check_failed" in {each["kind"] for each in mw(served, "alerts", "list", "--json").json}
