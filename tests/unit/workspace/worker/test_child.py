"""The process of a run, spoken to as a worker does."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from millwright.workspace.worker.child import perform
from millwright.workspace.worker.order import End, Order, Task, line_of, read_outcome

COMMAND = (sys.executable, "-P", "-m", "millwright.workspace.worker.child")
PATIENCE_S = 60


@pytest.fixture
def child():
    process = subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    with process:
        yield process
        process.kill()


def order(workspace, **changes) -> Order:
    return Order(**{"task": Task.CODE, "folder": str(workspace.folder), "pipeline": "pipeline.py:worked", **changes})


def test_process_without_an_order_ends(child):
    out, _ = child.communicate(timeout=PATIENCE_S)
    assert (out, child.returncode) == (b"", 0)


def test_process_ends_at_once_when_its_worker_is_gone(workspace, child):
    (workspace.folder / "pipeline.py").write_text("import time\ntime.sleep(1000)", encoding="utf-8")
    child.stdin.write(line_of(order(workspace)))
    out, _ = child.communicate(timeout=PATIENCE_S)  # closes its input
    assert out == b""
    assert child.returncode == -9


def test_process_lives_as_long_as_its_lease_is_renewed(workspace, child):
    (workspace.folder / "pipeline.py").write_text("import time\ntime.sleep(1000)", encoding="utf-8")
    begin = time.time()
    child.stdin.write(line_of(order(workspace, lease_until=begin + 600)))
    child.stdin.write(line_of(begin + 0.5))
    child.stdin.flush()
    assert child.wait(PATIENCE_S) == -9
    assert time.time() >= begin + 0.5


def test_process_that_is_asked_to_end_leaves_that_to_its_worker(workspace, child):
    text = (workspace.folder / "pipeline.py").read_text(encoding="utf-8")
    (workspace.folder / "pipeline.py").write_text(f"import os\nos.kill(os.getpid(), 15)\n{text}", encoding="utf-8")
    child.stdin.write(line_of(order(workspace)))
    child.stdin.flush()
    assert read_outcome(child.stdout.readline()).end is End.DONE


def test_what_code_prints_is_not_taken_for_the_outcome(workspace, child):
    code = 'import os\nprint("printed")\nos.write(1, b"written")\n'
    text = (workspace.folder / "pipeline.py").read_text(encoding="utf-8")
    (workspace.folder / "pipeline.py").write_text(code + text, encoding="utf-8")
    child.stdin.write(line_of(order(workspace)))
    child.stdin.flush()
    line = child.stdout.readline()
    assert read_outcome(line).end is End.DONE
    assert json.loads(line)["digest"]
    assert child.wait(PATIENCE_S) == 0
    error = child.stderr.read()
    assert b"printed" in error
    assert b"written" in error


def test_whatever_goes_wrong_is_told(workspace):
    outcome = perform(order(workspace, task=Task.RUN))
    assert outcome.end is End.AGAIN
    assert "names the run" in outcome.error
