from __future__ import annotations

from datetime import timedelta
from threading import Event

import pytest

from millwright.automation.queue import Ask, RunQueue
from millwright.automation.schedules import ScheduleDraft, Schedules
from millwright.automation.triggers import Answers, Triggers
from millwright.automation.triggers.triggers import TriggerDraft
from millwright.core.events import EventBus
from millwright.core.records.queue import RequestState
from millwright.pipelines import on
from millwright.testing import sample
from millwright.workspace.worker.duties import Duties
from millwright.workspace.worker.options import WorkerOptions
from tiny.queue_world import TARGET, claim


@pytest.fixture
def make(stores, clock):
    def build(wake=lambda: None) -> Duties:
        answers = Answers(stores=stores, clock=clock, events=EventBus())
        options = WorkerOptions(max_attempts=1, lease_s=30, poll_s=0.01)
        return Duties(stores=stores, clock=clock, options=options, answers=answers, code_of=lambda _: None, wake=wake)

    return build


def test_schedules_triggers_and_what_was_left_behind_are_looked_after(make, stores, clock):
    Schedules(stores=stores, clock=clock, actor="ada").add(ScheduleDraft(target=TARGET, cron="@hourly"))
    Triggers(stores=stores, clock=clock, actor="ada").add(TriggerDraft(target=TARGET, on=on.dataset("schedules")))
    left = RunQueue(stores=stores, clock=clock, actor="ada").enqueue(TARGET, Ask(trigger="x"))
    stores.queue.claim(claim("dead", clock))
    duties = make()
    assert not duties.perform()
    clock.advance(timedelta(hours=1))
    stores.datasets.create_version(sample.dataset_version())
    assert make().perform()
    causes = {request.trigger.partition(":")[0] for request in stores.queue.list_requests()}
    assert causes == {"x", "schedule", "dataset"}
    assert stores.queue.get(left.id).state is RequestState.FAILED
    assert not duties.perform()


def test_thread_wakes_the_worker_when_something_is_due(make, stores, clock):
    woken = Event()
    Schedules(stores=stores, clock=clock, actor="ada").add(ScheduleDraft(target=TARGET, cron="@hourly"))
    clock.advance(timedelta(hours=1))
    with make(woken.set):
        assert woken.wait(60)
    assert len(stores.queue.list_requests()) == 1
