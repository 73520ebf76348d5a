"""A server of two processes, as a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

ROW = {"days": 45.0, "crews": 3, "borough": "Queens"}
PATIENCE_S = 60
CODE = """
import sys
from millwright.core.clock import SystemClock
from millwright.core.events import EventBus
from millwright.deployment.realtime.server import ServedChoice, ServeOptions, serve
from millwright.registry.registry import Registry
from millwright.storage.catalog import open_stores
root = sys.argv[1]
stores = open_stores(
    records_url=f"sqlite:///{root}/records.db", artifacts_url=f"{root}/artifacts", predictions_url=f"{root}/predictions"
)
registry = Registry(stores=stores, clock=SystemClock(), events=EventBus(), actor="user:ada", policy=None)
serve(
    ServeOptions(models=(ServedChoice("delay@champion"),), port=0, workers=2, poll_seconds=0.05),
    stores=stores, registry=registry, clock=SystemClock(), ready=lambda url: print(url, flush=True),
)
"""

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks at processes through /proc")


@pytest.fixture
def served(workspace):
    command = [sys.executable, "-c", CODE, str(workspace.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process, process.stdout.readline().strip(), workspace
        finally:
            if process.poll() is None:
                process.kill()


def children(pid: int) -> set[int]:
    return {int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()}


def until(condition: Any) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.05)


def metric(url: str, name: str) -> float:
    lines = httpx.get(f"{url}/metrics", timeout=20).text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


def ask(url: str) -> str:
    """Over a connection of its own, so that any process may take it."""
    response = httpx.post(f"{url}/predict", json=ROW, timeout=20)
    assert response.status_code == 200
    return str(response.headers["x-model-version"])


def test_processes_answer_on_one_port_count_together_and_end_together(served):
    process, url, workspace = served
    until(lambda: metric(url, "millwright_workers ") == 2)
    assert {ask(url) for _ in range(40)} == {"delay@1"}
    until(lambda: metric(url, "millwright_predictions_total{") == 40)
    record = workspace.stores.endpoints.find("delay")
    assert record.owner.split(":")[-2] == str(process.pid)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_S) == 0
    assert len(list(workspace.stores.predictions.iter("delay"))) == 40
    record = workspace.stores.endpoints.find("delay")
    assert (record.url, record.owner) == ("", "")


def test_killed_process_is_replaced_and_all_follow_the_alias(served):
    process, url, workspace = served
    until(lambda: metric(url, "millwright_workers ") == 2)
    before = children(process.pid)
    os.kill(min(before), signal.SIGKILL)
    until(lambda: len(children(process.pid) - before) == 1)
    until(lambda: metric(url, "millwright_workers ") == 2)
    workspace.registry.promote("delay", 2, reason="a test")
    until(lambda: metric(url, 'millwright_model_swaps_total{endpoint="delay",outcome="swapped"}') == 2)
    assert {ask(url) for _ in range(20)} == {"delay@2"}
