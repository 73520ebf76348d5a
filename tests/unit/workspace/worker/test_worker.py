from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from millwright.automation.queue import Ask
from millwright.core.records.pipeline import PipelineRunStatus
from millwright.core.records.queue import RequestState, RunLimits
from millwright.workspace.worker.options import Until, WorkerOptions
from millwright.workspace.worker.target import launch_target
from millwright.workspace.worker.worker import Worker


class Heard:
    """What a worker told."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self.began_one = threading.Event()

    def began(self, request) -> None:
        self.lines.append(("began", request.id))
        self.began_one.set()

    def ended(self, request) -> None:
        self.lines.append((request.state.value, request.id))


def queued(workspace, how: str = "", **ask):
    target = launch_target("pipeline.py", {"how": how}, artifacts=workspace.stores.artifacts)
    return workspace.queue.enqueue(target, Ask(trigger="user:ada", **ask))


def worker(workspace, heard, **options) -> Worker:
    fields = {"poll_s": 0.02, "backoff_s": 0.01, "grace_s": 0, "until": Until.DRAINED}
    return Worker(workspace, WorkerOptions(**{**fields, **options}), listener=heard)


@pytest.fixture
def heard():
    return Heard()


def test_queue_is_drained(workspace, heard):
    runs = [queued(workspace), queued(workspace, "fail")]
    later = queued(workspace, not_before=workspace.clock.now() + timedelta(hours=1))
    assert worker(workspace, heard, concurrency=2).run() == 2
    states = [workspace.stores.queue.get(run.id).state for run in (*runs, later)]
    assert states == [RequestState.DONE, RequestState.FAILED, RequestState.QUEUED]
    assert sorted(word for word, _ in heard.lines) == ["began", "began", "done", "failed"]


def test_one_run_is_taken_when_asked_for_one(workspace, heard):
    for _ in range(2):
        queued(workspace)
    assert worker(workspace, heard, concurrency=2, until=Until.ONE_RUN).run() == 1
    assert workspace.stores.queue.count() == {RequestState.DONE: 1, RequestState.QUEUED: 1}
    workspace.stores.queue.cancel(workspace.stores.queue.list_requests()[0].id, by="ada", at=workspace.clock.now())


def test_process_that_dies_costs_its_run_only(workspace, heard):
    dying, healthy = queued(workspace, "die"), queued(workspace)
    assert worker(workspace, heard, concurrency=1, max_attempts=2).run() == 2  # runs, of which one was tried twice
    assert workspace.stores.queue.get(healthy.id).state is RequestState.DONE
    ended = workspace.stores.queue.get(dying.id)
    assert (ended.state, ended.attempts) == (RequestState.FAILED, 2)
    assert "code 9" in ended.error
    assert workspace.stores.pipelines.get_pipeline_run(dying.id).status is PipelineRunStatus.FAILED


def test_stopped_worker_hands_back_what_does_not_end(workspace, heard):
    run = queued(workspace, "wait")
    working = worker(workspace, heard, until=Until.STOPPED)
    thread = threading.Thread(target=working.run)
    thread.start()
    assert heard.began_one.wait(60)
    working.stop()
    thread.join(60)
    assert not thread.is_alive()
    back = workspace.stores.queue.get(run.id)
    assert (back.state, back.attempts) == (RequestState.QUEUED, 0)


def test_limits_are_kept(workspace, heard):
    for _ in range(2):
        queued(workspace)
    assert worker(workspace, heard, concurrency=2, limits=RunLimits(each=1)).run() == 2
    assert [word for word, _ in heard.lines] == ["began", "done"] * 2


def test_empty_queue_is_left_at_once(workspace, heard):
    assert worker(workspace, heard).run() == 0
    assert worker(workspace, heard, until=Until.ONE_RUN).run() == 0
