from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from millwright.core.records.summary import SummarySpan
from millwright.monitoring.live.follower import FollowerOptions
from millwright.monitoring.live.monitor import LiveMonitor, LiveOptions


@pytest.fixture
def live(world: Any) -> LiveMonitor:
    world.register()
    return LiveMonitor(world.stores, world.clock)


def test_step_folds_what_is_new(world: Any, draw_rows: Any, live: LiveMonitor):
    assert live.step() == []
    world.log(draw_rows(5))
    (first,) = live.step()
    assert (first.endpoint, first.segments, first.rows, first.held_by) == ("delay", 1, 5, "")
    (second,) = live.step(["delay"])
    assert (second.segments, second.rows, second.pending) == (0, 0, 0)


def test_step_ends_with_its_budget_and_the_next_goes_on(world: Any, draw_rows: Any):
    world.register()
    options = LiveOptions(budget_s=0, follower=FollowerOptions(most_segments=2))
    live = LiveMonitor(world.stores, world.clock, options=options)
    for _ in range(5):
        world.log(draw_rows(1))
        world.clock.advance(timedelta(days=1))
    assert [live.step()[0].pending for _ in range(4)] == [3, 1, 0, 0]


def test_one_of_several_works_until_it_lets_go(world: Any, draw_rows: Any, live: LiveMonitor):
    world.log(draw_rows(5))
    other = LiveMonitor(world.stores, world.clock)
    assert live.step()[0].rows == 5
    world.log(draw_rows(6))
    (held,) = other.step()
    assert held.held_by
    assert held.rows == 0
    with live:
        pass
    assert other.step()[0].rows == 6
    assert live.step()[0].held_by
    world.clock.advance(LiveOptions().lease + timedelta(seconds=1))
    assert not live.step()[0].held_by


def test_backfill_folds_a_past_range_alone(world: Any, draw_rows: Any, live: LiveMonitor):
    start = world.clock.now()
    for days in (0, 2, 2):
        world.clock.advance(timedelta(days=days))
        world.log(draw_rows(4))
    results = list(live.backfill("delay", start=start + timedelta(days=1), end=start + timedelta(days=3)))
    assert sum(result.rows for result in results) == 4
    hours = world.stores.summaries.list_summaries("delay", SummarySpan.HOUR)
    assert [hour.start for hour in hours] == [start + timedelta(days=2)]
    assert sum(result.rows for result in live.backfill("delay")) == 8
    assert list(live.backfill("delay")) == []


def test_forgotten_log_is_folded_again_with_the_columns_of_versions_registered_since(world: Any, draw_rows: Any):
    live = LiveMonitor(world.stores, world.clock)
    world.log(draw_rows(60))
    assert live.step()[0].skipped == {"delay@1": 60}
    world.register()
    world.log(draw_rows(10))
    live.step()
    found = live.query.drift("delay")
    assert found.rows == 10
    assert found.notes[0].startswith("Left out: 60 rows")
    assert found.notes[0].endswith("mw monitor backfill delay --again")
    assert live.forget("delay") == 2
    live.step()
    assert live.query.drift("delay").rows == 70
