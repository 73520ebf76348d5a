from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import millwright as mw
from millwright.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

QUIET = "[track]\nsystem_metrics = false\ncode = false\nenvironment = false\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "millwright.toml").write_text(QUIET, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def tracked() -> str:
    with mw.track("delay", offline=True) as run:
        run.log_metric("loss", 0.5)
        run.log_text("hello", "a.txt")
    return run.id


def test_offline_runs_are_brought_over_once(capsys: pytest.CaptureFixture[str]) -> None:
    run_id = tracked()
    main(["sync", "--keep"])
    assert "1 offline run is in" in capsys.readouterr().out
    main(["sync", "--json"])
    (done,) = json.loads(capsys.readouterr().out)
    assert (done["run_id"], done["state"], done["problems"]) == (run_id, "synced", [])
    main(["sync"])
    assert "No offline runs" in capsys.readouterr().out
    with mw.Workspace.open() as workspace:
        record = workspace.tracker.get(workspace.tracker.list_runs("delay")[0].id)
        assert (record.id, record.metrics) == (run_id, {"loss": 0.5})
        assert len(list(workspace.stores.files.walk())) == 1


def test_folder_of_another_workspace_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "millwright.toml").write_text(QUIET, encoding="utf-8")
    monkeypatch.chdir(other)
    tracked()
    monkeypatch.chdir(tmp_path)
    main(["sync", "other"])
    with mw.Workspace.open() as workspace:
        assert len(workspace.tracker.list_runs("delay")) == 1


def test_run_that_is_still_written_is_left_alone_and_the_command_fails(capsys: pytest.CaptureFixture[str]) -> None:
    with mw.track("delay", offline=True):
        with pytest.raises(SystemExit):
            main(["sync"])
        assert "still being written" in capsys.readouterr().out


def test_folder_that_is_not_there_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["sync", "none"])
    assert "There is no folder 'none'" in capsys.readouterr().err
