from __future__ import annotations

import os
import socket
import tempfile
import time

from millwright.workspace.worker.order import End, Order, Task
from millwright.workspace.worker.slot import ChildProcess

PATIENCE_S = 60


def order(workspace, **changes):
    place = str(workspace.folder / "pipeline.py")
    fields = {"task": Task.CODE, "folder": str(workspace.folder), "pipeline": f"{place}:worked"}
    return Order(**{**fields, **changes})


def ended(child: ChildProcess) -> ChildProcess:
    assert child.ended.wait(PATIENCE_S)
    child.close()
    return child


def test_process_tells_what_came_of_its_order(workspace):
    told = []
    child = ended(ChildProcess(order(workspace), lambda: told.append(1)))
    assert child.outcome is not None
    assert (child.outcome.end, len(child.outcome.digest), child.exit_code) == (End.DONE, 64, 0)
    assert told == [1]


def test_process_that_is_killed_tells_nothing(workspace):
    child = ChildProcess(order(workspace), lambda: None)
    child.kill()
    ended(child)
    assert (child.outcome, child.exit_code) == (None, -9)
    child.kill()  # once more does no harm
    child.tell(b"1\n")


def test_temporary_folders_of_a_process_that_was_killed_are_removed(workspace, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    child = ChildProcess(order(workspace), lambda: None)
    left = tmp_path / f"millwright-step~{socket.gethostname()}~{child._process.pid}~1~abcdefgh"
    left.mkdir()
    child.kill()
    ended(child)
    assert not left.exists()


def test_process_ends_when_its_lease_has(workspace):
    child = ended(ChildProcess(order(workspace, lease_until=time.time() - 1), lambda: None))
    assert child.outcome is None


def test_modules_of_the_folder_do_not_hide_those_of_the_program(workspace, monkeypatch):
    (workspace.folder / "msgspec.py").write_text("raise RuntimeError('mine')", encoding="utf-8")
    assert os.getcwd() == str(workspace.folder)  # noqa: PTH109 - what a new process begins in
    child = ended(ChildProcess(order(workspace), lambda: None))
    assert child.outcome is not None
