from __future__ import annotations

import os
import socket
import tempfile
import time

import pytest

from millwright.workspace.worker.order import End, Order, Task
from millwright.workspace.worker.slot import ChildProcess, perform_apart, run_forker

PATIENCE_S = 60


def order(workspace, **changes):
    place = str(workspace.folder / "pipeline.py")
    fields = {"task": Task.CODE, "folder": str(workspace.folder), "pipeline": f"{place}:worked"}
    return Order(**{**fields, **changes})


@pytest.fixture(params=["apart", "forked"])
def forker(request):
    """What starts the process: nobody, or a forker, which knows its work already."""
    if request.param == "apart":
        yield None
        return
    made = run_forker()
    yield made
    made.close()


def ended(child: ChildProcess) -> ChildProcess:
    assert child.ended.wait(PATIENCE_S)
    child.close()
    return child


def test_process_tells_what_came_of_its_order(workspace, forker):
    told = []
    child = ended(ChildProcess(order(workspace), lambda: told.append(1), forker))
    assert child.outcome is not None
    assert (child.outcome.end, len(child.outcome.digest), child.exit_code) == (End.DONE, 64, 0)
    assert told == [1]


def test_process_that_is_killed_tells_nothing(workspace, forker):
    (workspace.folder / "pipeline.py").write_text("import time\ntime.sleep(1000)", encoding="utf-8")
    child = ChildProcess(order(workspace), lambda: None, forker)
    child.kill()
    ended(child)
    assert (child.outcome, child.exit_code) == (None, -9)
    child.kill()  # once more does no harm
    child.tell(b"1\n")


def test_temporary_folders_of_a_process_that_was_killed_are_removed(workspace, forker, tmp_path, monkeypatch):
    (workspace.folder / "pipeline.py").write_text("import time\ntime.sleep(1000)", encoding="utf-8")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    child = ChildProcess(order(workspace), lambda: None, forker)
    left = tmp_path / f"millwright-step~{socket.gethostname()}~{child._process.pid}~1~abcdefgh"
    left.mkdir()
    child.kill()
    ended(child)
    assert not left.exists()


def test_process_ends_when_its_lease_has(workspace, forker):
    child = ended(ChildProcess(order(workspace, lease_until=time.time() - 1), lambda: None, forker))
    assert child.outcome is None


def test_modules_of_the_folder_do_not_hide_those_of_the_program(workspace, forker, monkeypatch):
    (workspace.folder / "msgspec.py").write_text("raise RuntimeError('mine')", encoding="utf-8")
    assert os.getcwd() == str(workspace.folder)  # noqa: PTH109 - what a new process begins in
    child = ended(ChildProcess(order(workspace), lambda: None, forker))
    assert child.outcome is not None


def test_libraries_of_a_run_are_there_when_the_next_begins(workspace):
    pytest.importorskip("joblib")
    (workspace.folder / "pipeline.py").write_text(
        "import joblib\n" + (workspace.folder / "pipeline.py").read_text(encoding="utf-8"), encoding="utf-8"
    )
    forker = run_forker()
    first = perform_apart(order(workspace), PATIENCE_S, forker)
    assert "joblib" in first.outcome.libraries
    give_up = time.monotonic() + PATIENCE_S
    while (last := perform_apart(order(workspace), PATIENCE_S, forker)).outcome.libraries:
        assert time.monotonic() < give_up
    assert last.outcome.digest == first.outcome.digest
    forker.close()
