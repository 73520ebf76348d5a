from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from millwright.automation.queue import Ask, RunQueue
from millwright.core.records.pipeline import PipelineRunStatus
from millwright.core.records.queue import RequestState, RunRequest
from millwright.workspace.worker.options import WorkerOptions
from millwright.workspace.worker.order import End, Outcome
from millwright.workspace.worker.settling import Settling, death
from tiny.queue_world import TARGET, actions, begin_run, claim


@dataclass
class Ended:
    """A process that has ended, as a slot tells of it."""

    request: RunRequest
    outcome: Outcome | None = None
    exit_code: int | None = 0
    cancelled_at: datetime | None = None


@pytest.fixture
def told():
    return []


@pytest.fixture
def settling(stores, clock, told):
    options = WorkerOptions(max_attempts=2, backoff_s=4)
    return Settling(stores=stores, clock=clock, owner="w", options=options, ended=told.append)


@pytest.fixture
def taken(stores, clock):
    RunQueue(stores=stores, clock=clock, actor="ada").enqueue(TARGET, Ask(trigger="x"))
    return stores.queue.claim(claim("w", clock))


@pytest.mark.parametrize(
    ("end", "state"),
    [(End.DONE, RequestState.DONE), (End.FAILED, RequestState.FAILED), (End.CANCELLED, RequestState.CANCELLED)],
)
def test_outcome_ends_the_request(settling, stores, taken, end, state, told):
    ended = settling.end(Ended(taken, Outcome(end=end, error="why")))
    assert [(each.id, each.state, each.error) for each in told] == [(taken.id, state, "why")]
    assert (ended.state, ended.error) == (state, "why")
    assert actions(stores)[-1] == f"run.{state.value}"


def test_death_is_another_attempt_after_a_rest(settling, taken, clock, told):
    back = settling.end(Ended(taken, exit_code=-11))
    assert told == []
    assert (back.state, back.attempts, back.not_before) == (RequestState.QUEUED, 1, clock.now() + timedelta(seconds=4))
    assert "SIGSEGV" in back.error


def test_death_at_the_last_attempt_is_a_failure_of_request_and_run(settling, stores, taken, clock):
    begin_run(stores, clock, id=taken.id)
    ended = settling.end(Ended(replace(taken, attempts=2), exit_code=1))
    assert ended.state is RequestState.FAILED
    assert "taken up 2 times" in ended.error
    run = stores.pipelines.get_pipeline_run(taken.id)
    assert (run.status, run.error) == (PipelineRunStatus.FAILED, ended.error)


def test_death_after_the_runs_last_line_is_the_end_that_it_says(settling, stores, taken, clock):
    run = begin_run(stores, clock, id=taken.id)
    stores.pipelines.update_pipeline_run(replace(run, status=PipelineRunStatus.COMPLETED))
    assert settling.end(Ended(taken, exit_code=-9)).state is RequestState.DONE


def test_death_of_a_run_that_was_to_be_stopped_is_its_end(settling, stores, taken, clock):
    begin_run(stores, clock, id=taken.id)
    stores.queue.cancel(taken.id, by="ada", at=clock.now())
    assert settling.end(Ended(taken, exit_code=-9)).state is RequestState.CANCELLED
    assert stores.pipelines.get_pipeline_run(taken.id).error == "stopped by ada"


def test_request_that_another_worker_has_is_left_alone(settling, stores, taken, clock):
    clock.advance(timedelta(seconds=30))
    stores.queue.claim(claim("other", clock))
    assert settling.end(Ended(taken, Outcome(end=End.DONE))) is None
    assert stores.queue.get(taken.id).owner == "other"


def test_attempt_that_was_given_back_does_not_count(settling, stores, taken):
    settling.give_back(taken, "stopped")
    back = stores.queue.get(taken.id)
    assert (back.state, back.attempts, back.error) == (RequestState.QUEUED, 0, "stopped")


@pytest.mark.parametrize(
    ("code", "outcome", "told"),
    [
        (-9, None, "out of memory"),
        (-11, None, "SIGSEGV"),
        (-200, None, "signal 200"),
        (3, None, "code 3"),
        (0, Outcome(end=End.AGAIN, error="the store was away"), "the store was away"),
    ],
)
def test_death_is_told_in_words(code, outcome, told):
    assert told in death(code, outcome)
