"""Many queued runs over four workers that are killed at random; `MILLWRIGHT_SOAK_RUNS=500` for a long one."""

from __future__ import annotations

import faulthandler
import os
import random
import signal
import time
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import pytest

from e2e.workplace import PATIENCE_S, Workplace
from millwright.automation.queue import Ask
from millwright.core.process import is_dead
from millwright.core.records.pipeline import PipelineRunStatus, StepStatus
from millwright.core.records.queue import OPEN_STATES, RequestState
from millwright.workspace.worker.target import launch_target

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from millwright.workspace.workspace import Workspace

pytestmark = [pytest.mark.slow, pytest.mark.postgres]

RUNS = int(os.environ.get("MILLWRIGHT_SOAK_RUNS", "12"))
WORKERS = 4
S_PER_RUN = 15.0  # of patience; a run takes a few seconds of the processor, most of them to start

PIPELINE = """
import time
from pathlib import Path

import millwright as mw

HERE = Path(__file__).parent


def note(step: str, number: int) -> None:
    with (HERE / "calls.txt").open("a") as file:
        file.write(f"{step} {number}\\n")


@mw.step
def load(number: int) -> list[int]:
    note("load", number)
    time.sleep(0.1)
    return [number] * 10


@mw.step
def total(values: list[int]) -> int:
    note("total", values[0])
    time.sleep(0.2)
    return sum(values)


@mw.step(cache=False)
def report(value: int) -> str:
    note("report", value // 10)
    time.sleep(0.1)
    return f"total {value}"


@mw.pipeline
def soaked(number: int):
    report(total(load(number)))
"""

SETTINGS = """
[worker]
concurrency = 1
lease_seconds = 2
poll_seconds = 0.1
backoff_seconds = 0.05
max_attempts = 100
"""


@pytest.fixture
def project(postgres_url: str, tmp_path: Path) -> Workplace:
    (tmp_path / "pipeline.py").write_text(PIPELINE, encoding="utf-8")
    (tmp_path / "millwright.toml").write_text(SETTINGS, encoding="utf-8")
    return Workplace(tmp_path, postgres_url)


class Crowd:
    """Workers, of which one that dies is replaced."""

    def __init__(self, project: Workplace, seed: int) -> None:
        self._project = project
        self._random = random.Random(seed)
        self.workers: list[subprocess.Popen[str]] = [project.start("worker") for _ in range(WORKERS)]
        self.killed: Counter[str] = Counter()

    def kill(self, workspace: Workspace) -> None:
        """SIGKILL for a worker, or for the process of a run."""
        if self._random.random() < 0.5:
            index = self._random.randrange(WORKERS)
            victim = self.workers[index]
            victim.send_signal(signal.SIGKILL)
            victim.communicate(timeout=PATIENCE_S)
            self.workers[index] = self._project.start("worker")
            self.killed["worker"] += 1
            return
        running = workspace.stores.pipelines.list_pipeline_runs(running_only=True)
        alive = [run for run in running if not is_dead(run.owner)]
        if alive:
            try:
                os.kill(int(self._random.choice(alive).owner.split(":")[1]), signal.SIGKILL)
            except ProcessLookupError:
                return
            self.killed["run"] += 1

    def stop(self) -> None:
        for worker in self.workers:
            worker.terminate()
        for worker in self.workers:
            _, err = worker.communicate(timeout=PATIENCE_S)
            assert worker.returncode == 0, err


def test_every_run_ends_and_each_result_is_recorded_once(project):
    faulthandler.cancel_dump_traceback_later()  # pytest's limit for a test; this one has its own
    with project.open() as workspace:
        path = str(project.folder / "pipeline.py")
        targets = [launch_target(path, {"number": n}, artifacts=workspace.stores.artifacts) for n in range(RUNS)]
        ids = [workspace.queue.enqueue(target, Ask(trigger="user:soak")).id for target in targets]
        crowd = Crowd(project, seed=RUNS)
        try:
            give_up = time.monotonic() + PATIENCE_S + RUNS * S_PER_RUN
            while left := sum(workspace.stores.queue.count().get(state, 0) for state in OPEN_STATES):
                assert time.monotonic() < give_up, f"{left} runs left, {workspace.stores.queue.count()}"
                # Near the end every kill would hit the same few runs.
                if left > WORKERS and crowd.killed.total() < RUNS // 2:
                    crowd.kill(workspace)
                time.sleep(0.5)
            crowd.stop()
        finally:
            for worker in crowd.workers:
                worker.kill()
                worker.wait()
        check(workspace, project, ids)
        assert crowd.killed.total() >= RUNS // 4, crowd.killed


def check(workspace: Workspace, project: Workplace, ids: list[str]) -> None:
    stores = workspace.stores
    requests = stores.queue.list_requests(limit=10 * RUNS)
    assert [(request.id, request.error) for request in requests if request.state is not RequestState.DONE] == []
    assert stores.pipelines.list_pipeline_runs(running_only=True) == []
    runs = stores.pipelines.list_pipeline_runs(limit=10 * RUNS)
    assert sorted(run.id for run in runs) == sorted(ids)
    assert {run.status for run in runs} == {PipelineRunStatus.COMPLETED}
    by_key: defaultdict[str, int] = defaultdict(int)
    for run in runs:
        steps = stores.pipelines.list_step_runs(run.id)
        assert not [step for step in steps if step.status is StepStatus.RUNNING]
        completed = Counter(step.step for step in steps if step.status is StepStatus.COMPLETED)
        assert completed == {"load": 1, "total": 1, "report": 1}, steps
        for step in steps:
            if step.status is StepStatus.COMPLETED and step.cache_key is not None:
                by_key[step.cache_key] += 1
    assert set(by_key.values()) == {1}
    # A step whose result is recorded is not executed again: what was called more often was killed before that.
    again = Counter(line for line in (project.folder / "calls.txt").read_text().splitlines())
    assert len(again) == 3 * len(ids)
