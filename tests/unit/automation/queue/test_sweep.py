from __future__ import annotations

from datetime import timedelta

import pytest

from millwright.automation.queue.queue import Ask, RunQueue
from millwright.automation.queue.sweep import Sweep
from millwright.core.digest import digest_bytes
from millwright.core.process import current_owner
from millwright.core.records.pipeline import PipelineRunStatus
from millwright.core.records.queue import RequestState
from tiny.queue_world import ELSEWHERE, TARGET, actions, begin_run, claim


@pytest.fixture
def told():
    return []


@pytest.fixture
def sweep(stores, clock, told):
    return Sweep(stores=stores, clock=clock, ended=told.append, max_attempts=2, lost_after=timedelta(hours=1))


def queued(stores, clock, *, attempts: int):
    """A request whose last worker is gone."""
    request = RunQueue(stores=stores, clock=clock, actor="ada").enqueue(TARGET, Ask(trigger="x"))
    for _ in range(attempts):
        stores.queue.claim(claim("dead", clock, seconds=30))
        clock.advance(timedelta(seconds=30))
    return request


def test_run_that_was_taken_up_too_often_has_failed(sweep, stores, clock, told):
    request = queued(stores, clock, attempts=2)
    begin_run(stores, clock, id=request.id)
    assert sweep.run() == [request.id]
    ended = stores.queue.get(request.id)
    assert ended.state is RequestState.FAILED
    assert "taken up 2 times" in ended.error
    assert stores.pipelines.get_pipeline_run(request.id).status is PipelineRunStatus.FAILED
    assert actions(stores)[-1] == "run.expire"
    assert [(each.id, each.state, each.error) for each in told] == [(request.id, ended.state, ended.error)]
    assert sweep.run() == []


def test_run_that_another_worker_can_take_up_is_left(sweep, stores, clock):
    request = queued(stores, clock, attempts=1)
    begin_run(stores, clock, id=request.id)  # of a process of this machine that is gone
    assert sweep.run() == []
    assert stores.pipelines.get_pipeline_run(request.id).status is PipelineRunStatus.RUNNING


def test_run_that_somebody_wanted_stopped_ends_with_its_lease(sweep, stores, clock):
    request = queued(stores, clock, attempts=1)
    stores.queue.cancel(request.id, by="ada", at=clock.now())
    begin_run(stores, clock, id=request.id)
    assert sweep.run() == [request.id]
    assert stores.queue.get(request.id).state is RequestState.CANCELLED
    assert stores.pipelines.get_pipeline_run(request.id).status is PipelineRunStatus.CANCELLED


def test_run_of_a_request_that_has_ended_is_ended(sweep, stores, clock):
    request = queued(stores, clock, attempts=0)
    stores.queue.claim(claim("w", clock))
    stores.queue.finish(request.id, "w", RequestState.FAILED, at=clock.now())
    begin_run(stores, clock, id=request.id)
    assert sweep.run() == [request.id]


def test_run_outside_the_queue_ends_with_its_process_on_this_machine(sweep, stores, clock):
    dead, alive = begin_run(stores, clock), begin_run(stores, clock, owner=current_owner())
    assert sweep.run() == [dead.id]
    assert stores.pipelines.get_pipeline_run(alive.id).status is PipelineRunStatus.RUNNING


def test_run_of_another_machine_ends_when_nothing_was_heard_of_it_for_long(sweep, stores, clock):
    run = begin_run(stores, clock, owner=ELSEWHERE)
    clock.advance(timedelta(minutes=59))
    assert sweep.run() == []
    clock.advance(timedelta(minutes=1))
    lease = f"step:{digest_bytes(run.id.encode())}"
    stores.leases.acquire(lease, f"{ELSEWHERE}/x", now=clock.now(), until=clock.now() + timedelta(seconds=30))
    assert sweep.run() == []  # it computes something
    clock.advance(timedelta(seconds=30))
    assert sweep.run() == [run.id]
    assert ELSEWHERE in stores.pipelines.get_pipeline_run(run.id).error
