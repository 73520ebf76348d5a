from __future__ import annotations

import os
from typing import TYPE_CHECKING

from millwright.core.ids import StepRunId
from millwright.pipelines.runner.observation import LiveLogs

if TYPE_CHECKING:
    from pathlib import Path

STEP = StepRunId("a1")


def test_text_is_read_from_where_the_reader_was(tmp_path: Path) -> None:
    live = LiveLogs(tmp_path / "live")
    live.append(STEP, "one\n")
    live.append(STEP, "two\n")
    assert LiveLogs(tmp_path / "live").read(STEP, start=4) == b"two\n"
    live.remove(STEP)
    assert live.read(STEP) == b""
    assert not live.path(STEP).exists()


def test_folder_is_made_with_the_first_text_and_only_for_its_owner(tmp_path: Path) -> None:
    live = LiveLogs(tmp_path / "live")
    live.remove(STEP)
    assert not (tmp_path / "live").exists()
    live.append(STEP, "x")
    assert (tmp_path / "live").stat().st_mode & 0o077 == 0


def test_what_killed_processes_left_is_removed_after_a_week(tmp_path: Path) -> None:
    old, new = tmp_path / "old.log", tmp_path / "new.log"
    for file in (old, new):
        file.write_text("x")
    os.utime(old, (0, 0))
    LiveLogs(tmp_path).append(STEP, "x")
    assert (old.exists(), new.exists()) == (False, True)


def test_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    live = LiveLogs(tmp_path / "file" / "live")
    live.append(STEP, "x")
    assert live.read(STEP) == b""
