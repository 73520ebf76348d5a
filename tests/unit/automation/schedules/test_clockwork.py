from __future__ import annotations

from datetime import timedelta

import pytest

from millwright.automation.schedules.clockwork import Clockwork
from millwright.automation.schedules.schedules import ScheduleDraft, Schedules
from millwright.core.records.schedule import CatchUp
from millwright.testing.process import in_threads
from tiny.queue_world import NOW, TARGET, actions


@pytest.fixture
def clockwork(stores, clock):
    return Clockwork(stores=stores, clock=clock)


def schedule(stores, clock, catch_up: CatchUp = CatchUp.LAST, limit: int = 3):
    draft = ScheduleDraft(target=TARGET, cron="@hourly", catch_up=catch_up, catch_up_limit=limit)
    return Schedules(stores=stores, clock=clock, actor="ada").add(draft)


def hours(requests) -> list[int]:
    return [int(request.trigger.partition("T")[2][:2]) for request in requests]


def test_time_that_has_come_starts_one_run(clockwork, stores, clock):
    schedule(stores, clock)
    assert clockwork.fire_due() == []
    clock.advance(timedelta(hours=1))
    [request] = clockwork.fire_due()
    assert request.trigger == request.dedup_key == "schedule:delay@2026-01-15T13:00:00+00:00"
    assert (request.pipeline, request.params) == (TARGET.pipeline, {"trials": 3})
    assert clockwork.fire_due() == []
    record = stores.schedules.get("delay")
    assert (record.last_at, record.next_at) == (NOW + timedelta(hours=1), NOW + timedelta(hours=2))
    assert actions(stores)[-2:] == ["run.queue", "schedule.fire"]


@pytest.mark.parametrize(
    ("catch_up", "expected"), [(CatchUp.NONE, []), (CatchUp.LAST, [17]), (CatchUp.ALL, [15, 16, 17])]
)
def test_missed_times_are_made_up_for_by_policy(clockwork, stores, clock, catch_up, expected):
    schedule(stores, clock, catch_up)
    clock.advance(timedelta(hours=5, minutes=10))
    assert hours(clockwork.fire_due()) == expected
    assert stores.schedules.get("delay").next_at == NOW + timedelta(hours=6)
    assert actions(stores)[-1] == ("schedule.fire" if expected else "schedule.skip")


def test_time_that_is_seen_a_little_late_was_not_missed(clockwork, stores, clock):
    schedule(stores, clock, CatchUp.NONE)
    clock.advance(timedelta(hours=1, seconds=59))
    assert hours(clockwork.fire_due()) == [13]


def test_paused_schedule_starts_nothing(clockwork, stores, clock):
    schedule(stores, clock)
    Schedules(stores=stores, clock=clock, actor="ada").pause("delay")
    clock.advance(timedelta(hours=3))
    assert clockwork.fire_due() == []


def test_time_is_fired_once_when_many_look_together(stores, clock):
    schedule(stores, clock, CatchUp.ALL)
    clock.advance(timedelta(hours=2))
    fired = in_threads(lambda _: Clockwork(stores=stores, clock=clock).fire_due())
    assert sorted(hours([request for part in fired for request in part])) == [13, 14]
    assert len(stores.queue.list_requests()) == 2


def test_time_that_was_fired_before_the_schedule_was_made_anew_is_not_fired_again(clockwork, stores, clock):
    schedule(stores, clock)
    clock.advance(timedelta(minutes=59))
    Schedules(stores=stores, clock=clock, actor="ada").remove("delay")
    schedule(stores, clock)
    clock.advance(timedelta(minutes=1))
    [first] = clockwork.fire_due()
    Schedules(stores=stores, clock=clock, actor="ada").remove("delay")
    clock.advance(timedelta(minutes=-1))
    schedule(stores, clock)
    clock.advance(timedelta(minutes=1))
    assert [request.id for request in clockwork.fire_due()] == [first.id]
    assert len(stores.queue.list_requests()) == 1
