from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from millwright.automation.schedules.schedules import ScheduleDraft, Schedules
from millwright.core.errors import AlreadyExistsError, InvalidInputError, NotFoundError
from millwright.core.records.schedule import ActiveState, CatchUp
from tiny.queue_world import NOW, TARGET, actions


@pytest.fixture
def schedules(stores, clock):
    return Schedules(stores=stores, clock=clock, actor="ada")


def test_schedule_begins_with_the_next_time_and_is_audited(schedules, stores):
    made = schedules.add(ScheduleDraft(target=TARGET, cron="0  2 * * *", tz="Europe/Berlin"))
    assert (made.name, made.cron, made.tz) == ("delay", "0 2 * * *", "Europe/Berlin")
    assert (made.catch_up, made.created_by, made.next_at) == (CatchUp.LAST, "ada", datetime(2026, 1, 16, 1, tzinfo=UTC))
    assert stores.schedules.get("delay") == made
    assert actions(stores) == ["schedule.add"]


def test_name_is_unique_and_plain(schedules):
    schedules.add(ScheduleDraft(target=TARGET, cron="@daily", name="nightly"))
    with pytest.raises(AlreadyExistsError, match="mw schedules remove nightly"):
        schedules.add(ScheduleDraft(target=TARGET, cron="@daily", name="nightly"))
    for name in ("a b", "../x", "x" * 101, "-x"):
        with pytest.raises(InvalidInputError, match="--name"):
            schedules.add(ScheduleDraft(target=TARGET, cron="@daily", name=name))
    with pytest.raises(InvalidInputError, match="1 or more"):
        schedules.add(ScheduleDraft(target=TARGET, cron="@daily", name="x", catch_up_limit=0))


def test_schedule_that_is_there_is_brought_up_to_date(schedules, stores, clock):
    draft = ScheduleDraft(target=TARGET, cron="@hourly")
    first = schedules.put(draft)
    assert first.changed is None
    clock.advance(timedelta(hours=2))
    same = schedules.put(draft)
    assert (same.changed, same.record) == ((), first.record)  # with the times that it has missed
    limited = schedules.put(replace(draft, catch_up=CatchUp.ALL, target=replace(TARGET, priority=1)))
    assert limited.changed == ("way to catch up", "priority")
    assert limited.record.next_at == first.record.next_at
    daily = schedules.put(replace(draft, cron="@daily"))
    assert daily.changed == ("times", "way to catch up", "priority")
    assert daily.record.next_at == datetime(2026, 1, 16, tzinfo=UTC)
    assert stores.schedules.get("delay") == daily.record
    with pytest.raises(AlreadyExistsError, match=r"other\.py.*mw schedules remove delay"):
        schedules.put(replace(draft, target=replace(TARGET, pipeline="/project/other.py:delay")))
    assert actions(stores) == ["schedule.add", "schedule.change", "schedule.change"]


def test_paused_schedule_goes_on_with_the_next_time_from_then(schedules, stores, clock):
    schedules.add(ScheduleDraft(target=TARGET, cron="@hourly"))
    assert schedules.pause("delay").state is ActiveState.PAUSED
    assert schedules.upcoming(stores.schedules.get("delay"), 3) == []
    clock.advance(timedelta(hours=5, minutes=1))
    assert schedules.missed(stores.schedules.get("delay")) == []
    resumed = schedules.resume("delay")
    assert resumed.next_at == NOW + timedelta(hours=6)
    assert schedules.resume("delay") == resumed
    assert actions(stores) == ["schedule.add", "schedule.pause", "schedule.resume"]


def test_next_and_missed_times_are_told(schedules, clock):
    made = schedules.add(ScheduleDraft(target=TARGET, cron="@hourly", catch_up_limit=2))
    assert schedules.upcoming(made, 2) == [NOW + timedelta(hours=1), NOW + timedelta(hours=2)]
    clock.advance(timedelta(hours=3, minutes=30))
    assert schedules.missed(made) == [NOW + timedelta(hours=2), NOW + timedelta(hours=3)]


def test_removed_schedule_is_gone(schedules, stores):
    schedules.add(ScheduleDraft(target=TARGET, cron="@hourly"))
    schedules.remove("delay")
    for call in (schedules.remove, schedules.pause, schedules.resume):
        with pytest.raises(NotFoundError):
            call("delay")
    assert actions(stores) == ["schedule.add", "schedule.remove"]
