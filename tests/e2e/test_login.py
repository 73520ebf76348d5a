"""Logins at a server with two worker processes."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import httpx
import pytest

from e2e.workplace import PATIENCE_S
from millwright.server.auth.attempt import FREE
from tiny import forking

PASSWORD = "correct horse battery"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks at processes through /proc"),
]


@pytest.fixture
def served(tmp_path):
    mw = ("-m", "millwright")
    added = forking.run([*mw, "users", "add", "ada", "--role", "admin"], cwd=tmp_path, given=PASSWORD)
    assert added.returncode == 0, added.stderr
    with forking.start([*mw, "server", "--port", "0", "--workers", "2", "--auth", "on"], cwd=tmp_path) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split(" at ")[1].split()[0]
        try:
            yield url, workers_of(process.pid)
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE_S)


def workers_of(pid: int) -> list[int]:
    give_up = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up:
        found = [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
        if len(found) == 2:
            return found
        time.sleep(0.02)
    raise AssertionError


def log_in(url: str, password: str) -> int:
    return httpx.post(f"{url}/login", data={"name": "ada", "password": password}, timeout=PATIENCE_S).status_code


def test_failed_logins_count_over_all_workers(served):
    url, (first, second) = served
    for idle in (first, second):  # half of the free failures at each worker
        os.kill(idle, signal.SIGSTOP)
        assert [log_in(url, "guess") for _ in range(FREE // 2)] == [401] * (FREE // 2)
        os.kill(idle, signal.SIGCONT)
    assert log_in(url, "guess") == 429
    os.kill(first, signal.SIGSTOP)
    assert log_in(url, "guess") == 429
    os.kill(first, signal.SIGCONT)
    time.sleep(1.1)
    assert log_in(url, PASSWORD) == 303
