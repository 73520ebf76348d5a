from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.automation.limits.permit import Because
from millwright.automation.trigger import Trigger
from millwright.workspace.worker.foresight import Foresight
from millwright.workspace.workspace import Workspace
from tiny.project import MODEL, visits

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def project(trained) -> Iterator[Workspace]:
    with Workspace.open(trained) as opened:
        yield opened


def rule(workspace: Workspace, pipeline: str = "pipeline.py") -> Trigger:
    place = str(workspace.folder / pipeline)
    return Trigger(name="loop", pipeline=place, model=MODEL, endpoint=MODEL, project_dir=str(workspace.folder))


def test_run_on_the_data_of_the_champion_would_repeat_it_until_there_is_new_data(project):
    seconds = [0.0]
    foresight = Foresight(project, now=lambda: seconds[0])
    refusal = foresight.repeats(rule(project), {})
    assert refusal is not None
    assert refusal.because is Because.UNCHANGED
    assert refusal.text.startswith(f"No new data since {MODEL}@1 (visits@1)")
    visits(330, seed=9).write_csv(project.folder / "visits.csv")
    assert foresight.repeats(rule(project), {}) is refusal  # it is remembered for a minute
    assert foresight.repeats(rule(project), {"trials": 1}) is None  # of the same run alone
    seconds[0] = 61.0
    assert foresight.repeats(rule(project), {}) is None


def test_pipeline_that_cannot_be_loaded_is_begun_so_that_the_run_says_why(project, caplog):
    caplog.set_level("INFO", logger="millwright")  # commands that ran in this process have set it to WARNING
    (project.folder / "broken.py").write_text("1 / 0", encoding="utf-8")
    assert Foresight(project).repeats(rule(project, "broken.py"), {}) is None
    assert "cannot be told" in caplog.text
    assert "ZeroDivisionError" in caplog.text
