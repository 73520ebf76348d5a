"""Workers as processes: killed, stopped, and two at once over schedules."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from e2e.workplace import PATIENCE_S, Workplace, finish
from millwright.core.records.pipeline import PipelineRunStatus, StepStatus
from millwright.core.records.queue import RequestState

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from millwright.workspace.workspace import Workspace

pytestmark = pytest.mark.slow

PIPELINE = """
import os
import signal
import time
from pathlib import Path

import millwright as mw

HERE = Path(__file__).parent


def note(step: str, number: int) -> None:
    with (HERE / "calls.txt").open("a") as file:
        file.write(f"{step} {number}\\n")


@mw.step
def first(number: int) -> int:
    note("first", number)
    return number + 1


@mw.step
def second(number: int, gate: str) -> int:
    note("second", number)
    while gate and not (HERE / gate).exists():
        time.sleep(0.02)
    return number * 2


@mw.step
def last(number: int) -> int:
    note("last", number)
    return number


@mw.pipeline
def chain(number: int = 0, gate: str = ""):
    last(second(first(number), gate))


@mw.step(cache=False)
def die(deadly: str) -> int:
    note("die", 0)
    os.kill(os.getpid(), getattr(signal, deadly))
    return 0


@mw.pipeline
def mortal(deadly: str = "SIGSEGV"):
    die(deadly)


@mw.pipeline(schedule="* * * * * *")
def ticking():
    last(0)
"""


@pytest.fixture
def project(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    (workplace.folder / "pipeline.py").write_text(PIPELINE, encoding="utf-8")
    (workplace.folder / "millwright.toml").write_text(
        "[worker]\nlease_seconds = 2\npoll_seconds = 0.05\nbackoff_seconds = 0.05\nmax_attempts = 3\n"
    )
    return workplace


def queue(project: Workplace, *words: str, pipeline: str = "chain") -> str:
    told = project.mw("run", f"pipeline.py:{pipeline}", "--queue", *words, "--json").json
    return str(told["request"]["id"])


@contextmanager
def worker(project: Workplace, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A worker in the background; killed at the end when it still lives."""
    process = project.start("worker", *words)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=PATIENCE_S)


def wait_for(condition: Callable[[], bool], what: str) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > give_up:
            raise AssertionError(f"{what} did not come")
        time.sleep(0.05)


def calls(project: Workplace) -> Counter[str]:
    file = project.folder / "calls.txt"
    return Counter(line.split()[0] for line in file.read_text().splitlines()) if file.exists() else Counter()


def state(workspace: Workspace, run: str) -> RequestState:
    request = workspace.stores.queue.find(run)  # type: ignore[arg-type]
    assert request is not None
    return request.state


def test_run_of_a_killed_worker_is_ended_by_another_one(project):
    run = queue(project, "--number", "1", "--gate", "go")
    with project.open() as workspace:
        with worker(project) as first:
            wait_for(lambda: calls(project)["second"] == 1, "the second step")
            with worker(project):
                first.send_signal(signal.SIGKILL)
                first.wait(PATIENCE_S)
                wait_for(lambda: calls(project)["second"] == 2, "the second attempt")
                (project.folder / "go").touch()
                wait_for(lambda: state(workspace, run) is RequestState.DONE, "the end of the run")
        assert calls(project) == {"first": 1, "second": 2, "last": 1}
        request = workspace.stores.queue.get(run)
        record = workspace.stores.pipelines.get_pipeline_run(run)
        assert (request.attempts, record.id, record.status) == (2, run, PipelineRunStatus.COMPLETED)
        assert record.attempt == 2
        results = Counter(
            step.step for step in workspace.stores.pipelines.list_step_runs(run) if step.status is StepStatus.COMPLETED
        )
        assert results == {"first": 1, "second": 1, "last": 1}


def test_process_of_a_run_ends_with_its_worker(project):
    queue(project, "--gate", "never")
    with worker(project) as process:
        wait_for(lambda: calls(project)["second"] == 1, "the second step")
        with project.open() as workspace:
            [record] = workspace.stores.pipelines.list_pipeline_runs()
        pid = int(record.owner.split(":")[1])
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE_S)
        wait_for(lambda: not alive(pid), "the end of the run's process")


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_run_whose_process_dies_is_tried_again_and_then_fails(project):
    settings = project.folder / "millwright.toml"
    settings.write_text(settings.read_text().replace("max_attempts = 3", "max_attempts = 2"))
    run = queue(project, pipeline="mortal")
    told = finish(project.start("worker", "--drain"))
    assert "SIGSEGV" in told.out
    assert "1 run taken" in told.out
    with project.open() as workspace:
        request = workspace.stores.queue.get(run)
        assert (request.state, request.attempts) == (RequestState.FAILED, 2)
        assert "taken up 2 times" in (request.error or "")
        assert workspace.stores.pipelines.get_pipeline_run(run).status is PipelineRunStatus.FAILED
    assert calls(project)["die"] == 2


def test_worker_that_is_stopped_hands_its_run_back(project):
    run = queue(project, "--gate", "never")
    with worker(project, "--grace", "0") as process:
        wait_for(lambda: calls(project)["second"] == 1, "the second step")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, (out, err)
    with project.open() as workspace:
        request = workspace.stores.queue.get(run)
        assert (request.state, request.attempts, request.owner) == (RequestState.QUEUED, 0, None)
    assert project.mw("runs", "list", "--json").json[0]["status"] == "running"  # it goes on with the next worker
    (project.folder / "never").touch()
    project.mw("worker", "--once")
    assert calls(project) == {"first": 1, "second": 2, "last": 1}


def test_worker_that_is_stopped_lets_its_run_end_within_the_grace(project):
    run = queue(project, "--gate", "go")
    with worker(project, "--grace", "60") as process:
        wait_for(lambda: calls(project)["second"] == 1, "the second step")
        process.send_signal(signal.SIGTERM)
        (project.folder / "go").touch()
        process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0
    with project.open() as workspace:
        assert state(workspace, run) is RequestState.DONE


def test_running_and_waiting_runs_are_cancelled(project):
    run = queue(project, "--gate", "never")
    with worker(project):
        wait_for(lambda: calls(project)["second"] == 1, "the second step")
        waiting = queue(project, "--number", "9", "--at", "1h")
        assert "is cancelled" in project.mw("runs", "cancel", waiting[-8:]).out
        assert "is asked to stop" in project.mw("runs", "cancel", run[-8:]).out
        with project.open() as workspace:
            wait_for(lambda: state(workspace, run) is RequestState.CANCELLED, "the end of the run")
            assert workspace.stores.pipelines.get_pipeline_run(run).status is PipelineRunStatus.CANCELLED
            assert state(workspace, waiting) is RequestState.CANCELLED
    assert "There is nothing to stop" not in project.mw("runs", "cancel", run[-8:], code=1).out


def test_each_time_of_a_schedule_is_fired_once_by_two_workers(project):
    project.mw("schedules", "add", "pipeline.py:ticking", "--catch-up", "all")
    with worker(project), worker(project), project.open() as workspace:
        count = workspace.stores.queue.count
        wait_for(lambda: sum(count().values()) >= 4 and count().get(RequestState.DONE, 0) >= 1, "four runs, one done")
        project.mw("schedules", "pause", "ticking")
    with project.open() as workspace:
        requests = workspace.stores.queue.list_requests(limit=1000)
        times = sorted(request.trigger.partition("@")[2] for request in requests)
        assert len(set(times)) == len(times)
        fired = [event for event in workspace.stores.audit.list(limit=1000) if event.action == "schedule.fire"]
        assert sorted(time for event in fired for time in event.details["times"]) == times
