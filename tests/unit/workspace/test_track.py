from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import millwright as mw
from millwright.core.errors import ConfigurationError, NotFoundError, StateTransitionError
from millwright.core.records.run import RunStatus
from millwright.workspace.track import offline_folder

if TYPE_CHECKING:
    from pathlib import Path

QUIET = "[track]\nsystem_metrics = false\ncode = false\nenvironment = false\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "millwright.toml").write_text(QUIET, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_run_is_in_the_workspace_found_from_here() -> None:
    with mw.track("delay", name="first", params={"lr": 0.1}, tags={"t": "x"}) as run:
        run.log_metric("loss", 0.5)
    with mw.Workspace.open() as workspace:
        record = workspace.tracker.get(run.id)
        assert (record.name, record.params["lr"], record.tags["t"]) == ("first", "0.1", "x")
        assert record.metrics == {"loss": 0.5}
        assert [found.id for found in workspace.tracker.list_runs("delay")] == [run.id]


def test_run_is_started_and_finished_by_hand_and_nested() -> None:
    outer = mw.track("delay").start()
    inner = mw.track("delay", parent=outer).start()
    inner.finish(RunStatus.FAILED)
    outer.finish()
    with mw.Workspace.open() as workspace:
        assert workspace.tracker.get(inner.id).parent_id == outer.id
        assert workspace.tracker.get(inner.id).status is RunStatus.FAILED


def test_run_is_resumed_by_its_id() -> None:
    with mw.track("delay") as run:
        run.log_metric("loss", 0.5)
    with mw.track(run_id=run.id) as again:
        assert [point.value for point in again.history("loss")] == [0.5]
    with pytest.raises(NotFoundError):
        mw.track(run_id="0" * 32).start()


def test_tracking_that_was_started_cannot_be_started_again() -> None:
    tracking = mw.track("delay")
    with tracking, pytest.raises(StateTransitionError, match="started before"):
        tracking.start()


def test_offline_run_touches_no_store(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILLWRIGHT_TRACKING", "offline")
    with mw.track("delay") as run:
        run.log_metric("loss", 0.5)
    assert (offline_folder(folder) / f"{run.id}.jsonl").is_file()
    assert not (folder / ".millwright" / "millwright.db").exists()
    monkeypatch.setenv("MILLWRIGHT_TRACKING", "sometimes")
    with pytest.raises(ConfigurationError, match="'online' or 'offline'"):
        mw.track("delay").start()


def test_naming_track_loads_no_library() -> None:
    code = "import millwright as mw, sys; print('polars' in sys.modules, 'psutil' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", "False"]
