from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from millwright.automation.triggers.answer import Answers
from millwright.automation.triggers.triggers import TriggerDraft, Triggers
from millwright.automation.triggers.watch import TriggerWatch
from millwright.core.digest import digest_bytes
from millwright.core.events import EventBus
from millwright.core.ids import AlertId, new_id
from millwright.core.records.monitor import AlertRecord, AlertState, Severity
from millwright.core.records.queue import RequestState
from millwright.pipelines import on
from millwright.testing import sample
from millwright.testing.process import in_threads
from tiny.queue_world import TARGET, actions, begin_run


class World:
    """Triggers, and what they look at."""

    def __init__(self, stores, clock) -> None:
        self.stores, self.clock = stores, clock
        self.code = digest_bytes(b"first")
        self.triggers = Triggers(stores=stores, clock=clock, actor="ada")
        answers = Answers(stores=stores, clock=clock, events=EventBus())
        self.watch = TriggerWatch(stores=stores, clock=clock, answers=answers, code_of=lambda _: self.code)

    def on(self, condition: Any) -> str:
        return self.triggers.add(TriggerDraft(target=TARGET, on=condition, code=self.code)).record.name

    def version(self, **changes: Any) -> None:
        record = sample.dataset_version()
        self.stores.datasets.create_version(replace(record, **changes))

    def alert(self, endpoint: str, kind: str = "drift") -> AlertRecord:
        record = AlertRecord(
            id=AlertId(new_id()), endpoint=endpoint, kind=kind, severity=Severity.WARNING, state=AlertState.OPEN,
            message="", created_at=self.clock.now(),
        )  # fmt: skip
        self.stores.monitors.append_alert(record)
        return record

    def causes(self) -> list[str]:
        return [request.trigger for request in self.watch.fire_due()]

    def end_runs(self) -> None:
        for request in self.stores.queue.list_requests():
            if request.state is RequestState.QUEUED:
                self.stores.queue.cancel(request.id, by="ada", at=self.clock.now())


@pytest.fixture
def world(stores, clock) -> World:
    return World(stores, clock)


def test_new_version_of_a_dataset_starts_one_run(world):
    world.version()
    world.on(on.dataset("schedules"))
    assert world.causes() == []
    world.version()
    assert world.causes() == ["dataset:schedules@2"]
    assert world.causes() == []
    assert actions(world.stores)[-2:] == ["run.queue", "trigger.fire"]


def test_several_versions_since_the_last_look_start_one_run(world):
    world.on(on.dataset("schedules"))
    for _ in range(3):
        world.version()
    assert world.causes() == ["dataset:schedules@3"]


def test_version_that_the_pipeline_itself_wrote_starts_nothing(world):
    world.on(on.dataset("schedules"))
    run = begin_run(world.stores, world.clock, pipeline="delay")
    [step] = world.stores.pipelines.list_step_runs(run.id)
    world.version(produced_by=step.id)
    assert world.causes() == []
    other = begin_run(world.stores, world.clock, pipeline="other")
    [step] = world.stores.pipelines.list_step_runs(other.id)
    world.version(produced_by=step.id)
    assert world.causes() == ["dataset:schedules@2"]


def test_changed_code_starts_a_run_each_time(world):
    world.on(on.code())
    assert world.causes() == []
    for text in (b"second", b"first", b"second"):
        world.clock.advance(timedelta(seconds=1))
        world.code = digest_bytes(text)
        assert world.causes() == [f"code:{world.code[:16]}"]
    assert world.causes() == []


def test_code_that_cannot_be_read_changes_nothing(world):
    world.on(on.code())
    known, world.code = world.code, None
    assert world.causes() == []
    world.code = known
    assert world.causes() == []


def test_alert_of_the_endpoint_or_of_its_model_starts_a_run(world):
    endpoint = sample.endpoint("visits")
    world.stores.endpoints.put(replace(endpoint, model="late-visit"))
    world.on(on.drift("late-visit", cooldown=0))
    world.alert("other")
    world.alert("visits", "missing_data")
    assert world.causes() == []
    raised = world.alert("visits")
    assert world.causes() == [f"alert:{raised.id}"]
    assert world.causes() == []
    raised = world.alert("late-visit")
    assert world.causes() == []  # the model is being trained; the alert waits
    world.end_runs()
    assert world.causes() == [f"alert:{raised.id}"]


def test_alerts_wait_for_the_end_of_the_cool_down(world):
    world.on(on.drift("delay", cooldown="10m"))
    world.alert("delay")
    assert len(world.causes()) == 1
    world.clock.advance(timedelta(minutes=1))
    world.alert("delay")
    world.end_runs()
    assert world.causes() == []
    world.clock.advance(timedelta(minutes=9))
    assert len(world.causes()) == 1


def test_alert_that_is_over_starts_nothing(world):
    world.on(on.drift("delay", cooldown=0))
    raised = world.alert("delay")
    world.stores.monitors.set_alert_state(raised.id, AlertState.RESOLVED)
    assert world.causes() == []


def test_paused_trigger_starts_nothing(world):
    name = world.on(on.dataset("schedules"))
    world.triggers.pause(name)
    world.version()
    assert world.causes() == []


def test_webhooks_and_calls_are_not_looked_for(world):
    world.on(on.webhook("push"))
    world.on(on.api())
    assert world.causes() == []


def test_what_happened_starts_one_run_when_many_look_together(world):
    world.on(on.dataset("schedules"))
    world.version()
    found = in_threads(lambda _: world.watch.fire_due())
    assert sum(map(len, found)) == 1
    assert len(world.stores.queue.list_requests()) == 1
