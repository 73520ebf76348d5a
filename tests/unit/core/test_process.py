from __future__ import annotations

import multiprocessing
import os
import socket
import subprocess
import sys
import time
from typing import Any

import pytest

from millwright.core.process import current_owner, is_dead


def owner_of(pid: int, start: str) -> str:
    return f"{socket.gethostname()}:{pid}:{start}"


def test_this_process_lives() -> None:
    assert current_owner().split(":")[-2] == str(os.getpid())
    assert not is_dead(current_owner())


def test_process_that_ended_is_dead() -> None:
    script = "from millwright.core.process import current_owner; print(current_owner()); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        owner = process.stdout.readline().strip()
        assert not is_dead(owner)
        process.kill()
        while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT) is None:
            time.sleep(0.01)
        assert is_dead(owner), "a killed process that nobody has waited for is dead, too"
    assert is_dead(owner)


def test_later_process_with_the_same_number_is_another() -> None:
    assert is_dead(owner_of(os.getpid(), "1"))


def test_child_after_a_fork_is_another_process() -> None:
    context = multiprocessing.get_context("fork")
    queue: Any = context.SimpleQueue()
    before = current_owner()
    child = context.Process(target=lambda: queue.put(current_owner()))
    child.start()
    child.join()
    assert queue.get() != before


@pytest.mark.parametrize("owner", ["elsewhere:1:1", "", "nonsense", "a:b", f"{socket.gethostname()}:x:1"])
def test_process_that_cannot_be_looked_at_is_not_called_dead(owner: str) -> None:
    assert not is_dead(owner)
