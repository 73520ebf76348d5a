from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from millwright.automation.queue.queue import MOST_PRIORITY, Ask, RunQueue
from millwright.core.errors import InvalidInputError, NotFoundError, StateTransitionError
from millwright.core.ids import PipelineRunId
from millwright.core.records.pipeline import PipelineRunStatus
from millwright.core.records.queue import RequestState
from tiny.queue_world import NOW, TARGET, actions, begin_run, claim


@pytest.fixture
def queue(stores, clock):
    return RunQueue(stores=stores, clock=clock, actor="ada")


def test_request_holds_what_was_asked_for_and_is_audited(queue, stores):
    later = NOW + timedelta(hours=1)
    ask = Ask(trigger="user:ada", not_before=later, dedup_key="k", options={"no_cache": True})
    request = queue.enqueue(replace(TARGET, priority=7), ask)
    assert (request.name, request.pipeline, request.params) == ("delay", TARGET.pipeline, {"trials": 3})
    assert (request.priority, request.not_before, request.options) == (7, later, {"no_cache": True})
    assert (request.trigger, request.requested_by, request.created_at) == ("user:ada", "ada", NOW)
    assert stores.queue.get(request.id) == request
    [event] = stores.audit.list()
    assert (event.action, event.actor, event.subject) == ("run.queue", "ada", f"run:{request.id}")
    assert event.details["params"] == {"trials": 3}


def test_request_that_is_there_already_is_given_and_not_audited_again(queue, stores):
    first = queue.enqueue(TARGET, Ask(trigger="a", dedup_key="k"))
    assert queue.enqueue(TARGET, Ask(trigger="b", dedup_key="k")) == first
    assert actions(stores) == ["run.queue"]


@pytest.mark.parametrize("priority", [MOST_PRIORITY + 1, -MOST_PRIORITY - 1])
def test_priority_that_no_store_holds_is_refused(queue, priority):
    with pytest.raises(InvalidInputError, match="priority"):
        queue.enqueue(replace(TARGET, priority=priority), Ask(trigger="x"))


def test_waiting_run_is_cancelled_at_once_with_the_record_that_it_has(queue, stores, clock):
    request = queue.enqueue(TARGET, Ask(trigger="x"))
    begin_run(stores, clock, id=request.id)  # it was begun and handed back
    stopped = queue.cancel(PipelineRunId(request.id[-8:]))
    assert stopped.state is RequestState.CANCELLED
    run = stores.pipelines.get_pipeline_run(request.id)
    assert (run.status, run.error) == (PipelineRunStatus.CANCELLED, "stopped by ada")
    assert actions(stores)[-1] == "run.cancel"


def test_process_of_a_running_run_is_asked_to_stop(queue, stores, clock):
    request = queue.enqueue(TARGET, Ask(trigger="x"))
    stores.queue.claim(claim("w", clock))
    assert queue.cancel(request.id).cancel_requested_by == "ada"  # before it has a record
    begin_run(stores, clock, id=request.id)
    queue.cancel(request.id)
    assert stores.pipelines.cancel_requested(request.id) == "ada"


def test_run_outside_the_queue_is_asked_to_stop(queue, stores, clock):
    run = begin_run(stores, clock)
    assert queue.cancel(PipelineRunId(run.id[-8:])).id == run.id
    assert stores.pipelines.cancel_requested(run.id) == "ada"


def test_run_that_has_ended_cannot_be_stopped(queue, stores, clock):
    run = begin_run(stores, clock)
    stores.pipelines.update_pipeline_run(replace(run, status=PipelineRunStatus.FAILED))
    request = queue.enqueue(TARGET, Ask(trigger="x"))
    queue.cancel(request.id)
    for ended in (run, request):
        with pytest.raises(StateTransitionError, match="nothing to stop"):
            queue.cancel(ended.id)


def test_unknown_and_shared_ids_are_not_found(queue):
    with pytest.raises(NotFoundError, match="no pipeline run"):
        queue.cancel(PipelineRunId("0" * 32))
    shared = queue.enqueue(TARGET, Ask(trigger="x")).id[:10]
    queue.enqueue(TARGET, Ask(trigger="x"))
    with pytest.raises(NotFoundError, match="Several"):
        queue.cancel(PipelineRunId(shared[:6]))
