from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from millwright.automation.queue import Ask, RunQueue
from millwright.automation.schedules.schedules import ScheduleDraft, Schedules
from millwright.automation.triggers.call import Calls
from millwright.automation.triggers.triggers import TriggerDraft, Triggers
from millwright.core.errors import ConflictError, InvalidInputError, NotFoundError, StateTransitionError
from millwright.core.records.pipeline import PipelineRunStatus
from millwright.core.records.queue import RequestState
from millwright.pipelines import on
from tiny.queue_world import TARGET, actions, begin_run, claim


@pytest.fixture
def calls(stores, clock):
    return Calls(stores=stores, clock=clock)


def hook(stores, clock) -> str:
    triggers = Triggers(stores=stores, clock=clock, actor="ada")
    return triggers.add(TriggerDraft(target=TARGET, on=on.webhook("push"))).token


def test_token_starts_a_run_each_time(calls, stores, clock):
    token = hook(stores, clock)
    first, second = calls.by_token(token), calls.by_token(token)
    assert first.id != second.id
    assert (first.trigger, first.requested_by, first.params) == ("webhook:push", "webhook:push", {"trials": 3})
    assert actions(stores)[1:3] == ["run.queue", "trigger.fire"]
    assert stores.triggers.get("delay.webhook-push").fired_at == clock.now()


def test_call_that_is_repeated_with_its_key_starts_one_run(calls, stores, clock):
    token = hook(stores, clock)
    first = calls.by_token(token, key="delivery-1")
    clock.advance(timedelta(seconds=1))
    assert calls.by_token(token, key="delivery-1").id == first.id
    assert calls.by_token(token, key="delivery-2").id != first.id
    assert actions(stores).count("trigger.fire") == 2


@pytest.mark.parametrize("token", ["", "mwh_", "mwh_" + "A" * 43, "\ud800"])
def test_unknown_token_is_refused(calls, stores, clock, token):
    hook(stores, clock)
    with pytest.raises(NotFoundError, match="no webhook with that token"):
        calls.by_token(token)


def test_paused_webhook_is_refused(calls, stores, clock):
    token = hook(stores, clock)
    Triggers(stores=stores, clock=clock, actor="ada").pause("delay.webhook-push")
    with pytest.raises(ConflictError, match="is paused"):
        calls.by_token(token)


def test_registered_pipeline_is_run_by_name_with_other_parameters(calls, stores, clock):
    Schedules(stores=stores, clock=clock, actor="ada").add(ScheduleDraft(target=TARGET, cron="@daily"))
    request = calls.by_name("delay", {"source": "x"}, actor="user:bob")
    assert (request.params, request.trigger) == ({"trials": 3, "source": "x"}, "api:user:bob")
    assert (request.pipeline, request.requested_by) == (TARGET.pipeline, "user:bob")


def test_key_of_one_caller_is_not_anothers(calls, stores, clock):
    Schedules(stores=stores, clock=clock, actor="ada").add(ScheduleDraft(target=TARGET, cron="@daily"))
    first = calls.by_name("delay", {}, actor="user:ada", key="1")
    assert calls.by_name("delay", {}, actor="user:ada", key="1").id == first.id
    assert calls.by_name("delay", {}, actor="user:bob", key="1").id != first.id


def test_pipeline_that_nothing_names_is_not_run(calls, stores, clock):
    with pytest.raises(NotFoundError, match="--api"):
        calls.by_name("delay", {}, actor="ada")
    hook(stores, clock)
    with pytest.raises(NotFoundError, match=r"'dlay'.*'delay'"):
        calls.by_name("dlay", {}, actor="ada")


def test_key_that_is_too_long_is_refused(calls):
    with pytest.raises(InvalidInputError, match="Idempotency-Key"):
        calls.by_name("delay", {}, actor="ada", key="x" * 201)


def ended(stores, clock, status=PipelineRunStatus.FAILED, **changes):
    run = begin_run(stores, clock, params={"trials": 7}, **changes)
    stores.pipelines.update_pipeline_run(replace(run, status=status, ended_at=clock.now()))
    return run


@pytest.mark.parametrize("status", ["failed", "cancelled", "interrupted"])
def test_run_by_hand_is_gone_on_with_where_its_pipeline_is_registered(calls, stores, clock, status):
    run = ended(stores, clock, PipelineRunStatus(status))
    with pytest.raises(NotFoundError, match="No pipeline 'delay' is registered"):
        calls.resume(run.id, actor="user:bob")
    hook(stores, clock)
    request = calls.resume(run.id[-8:], actor="user:bob")
    assert (request.pipeline, request.params) == (TARGET.pipeline, {"trials": 7})
    assert (request.options, request.trigger) == ({"resumes": run.id}, "api:user:bob")
    assert stores.audit.list(limit=1)[0].details["resumes"] == run.id


def test_run_of_a_worker_is_gone_on_with_as_it_was_asked_for(calls, stores, clock):
    queue = RunQueue(stores=stores, clock=clock, actor="ada")
    target = replace(TARGET, pipeline="/elsewhere/pipeline.py:delay", priority=5)
    options = {"executor": "processes", "force": ["train"], "answers": ["alert:1"], "resumes": "an earlier one"}
    first = queue.enqueue(target, Ask(trigger="user:ada", options=options))
    stores.queue.claim(claim("w", clock))
    run = ended(stores, clock, PipelineRunStatus.INTERRUPTED, id=first.id)
    with pytest.raises(StateTransitionError, match="goes on by itself"):
        calls.resume(run.id, actor="user:bob")  # it is tried again when the lease has ended
    stores.queue.finish(first.id, owner="w", state=RequestState.FAILED, at=clock.now(), error="five times")
    request = calls.resume(run.id, actor="user:bob")
    assert (request.pipeline, request.priority) == (target.pipeline, 5)
    assert request.options == {"executor": "processes", "resumes": run.id}


@pytest.mark.parametrize(("status", "said"), [("completed", "nothing of it is left"), ("running", "has not ended")])
def test_run_of_which_nothing_is_left_or_that_goes_on_is_refused(calls, stores, clock, status, said):
    hook(stores, clock)
    run = begin_run(stores, clock) if status == "running" else ended(stores, clock, PipelineRunStatus(status))
    with pytest.raises(StateTransitionError, match=said):
        calls.resume(run.id, actor="ada")


def test_resumption_that_is_repeated_with_its_key_starts_one_run(calls, stores, clock):
    hook(stores, clock)
    run = ended(stores, clock)
    first = calls.resume(run.id, actor="ada", key="1")
    assert calls.resume(run.id, actor="ada", key="1").id == first.id
    assert calls.resume(run.id, actor="ada", key="2").id != first.id


def test_resumption_that_is_repeated_without_a_key_starts_nothing_while_one_is_under_way(calls, stores, clock):
    hook(stores, clock)
    run = ended(stores, clock)
    first = calls.resume(run.id, actor="ada")
    assert calls.resume(run.id, actor="bob").id == first.id
    stores.queue.claim(claim("w", clock))
    assert calls.resume(run.id, actor="ada").id == first.id
    stores.queue.finish(first.id, owner="w", state=RequestState.FAILED, at=clock.now(), error="again")
    assert calls.resume(run.id, actor="ada").id != first.id
