from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from millwright.core.temporary_folder import abandoned_folders, new_temporary_folder, remove_abandoned_folders

MAKE = """
import os, sys, time
from millwright.core.temporary_folder import new_temporary_folder
folder = new_temporary_folder("test")
(folder / "deep").mkdir()
(folder / "deep" / "file").write_text("x")
print(folder, flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def test_folder_is_empty_private_and_new_each_time(place: Path) -> None:
    first, second = new_temporary_folder("step"), new_temporary_folder("step")
    assert first != second
    assert first.parent == place
    assert first.name.startswith("millwright-step~")
    assert list(first.iterdir()) == []
    assert os.name == "nt" or first.stat().st_mode & 0o077 == 0


def test_folder_of_a_killed_process_is_found_and_removed_and_of_a_living_one_is_not(place: Path) -> None:
    mine = new_temporary_folder("step")
    process = subprocess.Popen([sys.executable, "-c", MAKE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        theirs = Path(process.stdout.readline().strip())
        assert theirs.parent == place
        assert abandoned_folders() == []
        process.send_signal(signal.SIGKILL)
    assert abandoned_folders() == [theirs]
    assert remove_abandoned_folders() == 1
    assert not theirs.exists()
    assert mine.exists()
    assert remove_abandoned_folders() == 0


def test_other_places_are_looked_through_when_named_and_need_not_be_there(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    assert abandoned_folders(["", str(scratch)]) == []
    left = scratch / f"millwright-scratch~{socket.gethostname()}~999999999~1~abcdefgh"
    left.mkdir(parents=True)
    assert abandoned_folders() == []
    assert abandoned_folders(["", str(scratch)]) == [left]
    assert new_temporary_folder("scratch", str(scratch)).parent == scratch


@pytest.mark.parametrize("owner", ["elsewhere~999999999~1", "nobody", ""])
def test_what_is_of_another_machine_or_of_nobody_stays(place: Path, owner: str) -> None:
    (place / f"millwright-step~{owner}~abcdefgh").mkdir()
    assert abandoned_folders() == []


def test_file_or_link_with_such_a_name_stays(place: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    precious = tmp_path_factory.mktemp("precious")
    dead = f"{socket.gethostname()}~999999999~1"
    (place / f"millwright-step~{dead}~aaaaaaaa").symlink_to(precious)
    (place / f"millwright-step~{dead}~bbbbbbbb").write_text("")
    assert abandoned_folders() == []
