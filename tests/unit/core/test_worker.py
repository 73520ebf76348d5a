"""Worker processes, as they are started by `mw server`."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import httpx
import pytest

from tiny import forking

PATIENCE_S = 30
START = ["-m", "millwright", "server", "--port", "0", "--workers", "2"]


@pytest.fixture
def served(tmp_path):
    with forking.start(START, cwd=tmp_path) as process:
        url = process.stdout.readline().split(" at ")[1].split()[0]
        try:
            yield process, url
        finally:
            if process.poll() is None:
                process.kill()
            process.stdout.read()
            process.stderr.read()


def children(pid: int) -> set[int]:
    return {int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()}


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(condition) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.02)


pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks at processes through /proc")


def test_workers_answer_on_one_port_and_end_together(served):
    process, url = served
    until(lambda: len(children(process.pid)) == 2)
    workers = children(process.pid)
    assert httpx.get(f"{url}/health", timeout=20).text == "OK"
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_S) == 0
    assert not any(alive(worker) for worker in workers)


def test_worker_that_dies_is_replaced(served):
    process, url = served
    until(lambda: len(children(process.pid)) == 2)
    victim = min(children(process.pid))
    os.kill(victim, signal.SIGKILL)
    until(lambda: len(children(process.pid) - {victim}) == 2)
    for _ in range(10):
        assert httpx.get(f"{url}/version", timeout=20).status_code == 200
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE_S) == 0


def test_workers_do_not_outlive_a_killed_parent(served):
    process, _ = served
    until(lambda: len(children(process.pid)) == 2)
    workers = children(process.pid)
    process.kill()
    process.wait(PATIENCE_S)
    until(lambda: not any(alive(worker) for worker in workers))


def test_metrics_are_summed_over_workers(served):
    _, url = served
    for _ in range(20):
        httpx.get(f"{url}/version", timeout=20)  # each over a connection of its own

    def counted() -> float:
        lines = httpx.get(f"{url}/metrics", timeout=20).text.splitlines()
        found = [
            line for line in lines if line.startswith("millwright_http_requests_total{") and 'status="200"' in line
        ]
        return sum(float(line.split()[-1]) for line in found)

    until(lambda: counted() >= 20)
