from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from millwright.core.errors import NotFoundError
from millwright.core.records.summary import SummarySpan
from millwright.monitoring.drift import compare_summaries
from millwright.monitoring.live.counting import count_rows
from millwright.monitoring.live.monitor import LiveMonitor
from millwright.monitoring.window import Window

HOUR = timedelta(hours=1)


@pytest.fixture
def live(world: Any) -> LiveMonitor:
    world.register()
    return LiveMonitor(world.stores, world.clock)


def log_days(world: Any, draw_rows: Any, *, hours: int, step: int = 5) -> datetime:
    """Rows every few hours; returns when the first were logged."""
    first: datetime = world.clock.now()
    for number in range(0, hours, step):
        world.log(draw_rows(20, seed=number))
        world.clock.advance(step * HOUR)
    return first


@pytest.mark.parametrize(("start", "end"), [(0, 60), (3, 57), (20, 35), (1, 3), (12, 36), (None, None)])
def test_drift_of_a_range_is_that_of_its_rows(
    world: Any, draw_rows: Any, live: LiveMonitor, start: int | None, end: int | None
):
    first = log_days(world, draw_rows, hours=60)
    live.step()
    bounds = [None if hours is None else first + hours * HOUR for hours in (start, end)]
    found = live.query.drift("delay", Window(start=bounds[0], end=bounds[1]))
    tables = list(world.stores.predictions.iter_tables("delay", start=bounds[0], end=bounds[1]))
    rows = sum(map(len, tables))
    assert found.rows == rows
    if not rows:
        assert found.drift == ()
        return
    version = live.query._known.find("delay", 1)
    assert version.grid is not None
    table = count_rows(tables, version).table
    assert table is not None
    expected = compare_summaries(version.grid, table)
    for ours, theirs in zip(found.drift, expected, strict=True):
        assert ours.record.scores == pytest.approx(theirs.record.scores)
        assert ours.record.drifted == theirs.record.drifted


def test_drift_is_found_in_the_window_where_it_was(world: Any, draw_rows: Any, live: LiveMonitor):
    start = world.clock.now()
    world.log(draw_rows(300, seed=5))
    world.clock.advance(2 * HOUR)
    world.log(draw_rows(300, seed=6, days=130))
    live.step()
    before = live.query.drift("delay", Window(start=start, end=start + HOUR))
    after = live.query.drift("delay", Window(start=start + 2 * HOUR))
    assert not any(column.record.drifted for column in before.drift)
    assert {column.record.column for column in after.drift if column.record.drifted} >= {"days", "probability"}


def test_window_is_widened_to_whole_hours(world: Any, draw_rows: Any, live: LiveMonitor):
    first = log_days(world, draw_rows, hours=5)
    live.step()
    found = live.query.drift("delay", Window(start=first + timedelta(minutes=7), end=first + timedelta(minutes=9)))
    assert (found.start, found.end, found.rows) == (first, first + HOUR, 20)


def test_version_is_that_of_the_newest_row_or_the_one_asked_for(world: Any, draw_rows: Any, live: LiveMonitor):
    world.register()
    world.log(draw_rows(60), version=1)
    world.clock.advance(HOUR)
    world.log(draw_rows(70), version=2)
    live.step()
    newest = live.query.drift("delay")
    assert (newest.version, newest.rows, newest.left_out) == (2, 70, {"delay@1": 60})
    older = live.query.drift("delay", Window(version=1))
    assert (older.version, older.rows, older.left_out) == (1, 60, {"delay@2": 70})
    assert live.query.drift("delay", Window(version=9)).rows == 0


def test_newest_rows_are_read_and_counted(world: Any, draw_rows: Any, live: LiveMonitor):
    log_days(world, draw_rows, hours=10)
    found = live.query.drift("delay", Window(last=30))  # nothing is folded, and nothing needs to be
    assert (found.rows, found.latency) == (30, None)
    assert "Too few" in found.notes[0]
    assert live.query.drift("nowhere", Window(last=3)).rows == 0


def test_version_without_reference_is_refused(world: Any, draw_rows: Any):
    live = LiveMonitor(world.stores, world.clock)
    world.log(draw_rows(3))
    live.step()
    for window in (Window(), Window(last=2)):
        with pytest.raises(NotFoundError, match="registry"):
            live.query.drift("delay", window)


def test_days_stand_in_for_hours_that_were_removed(world: Any, draw_rows: Any, live: LiveMonitor):
    first = log_days(world, draw_rows, hours=60)
    live.step()
    day = datetime(2026, 1, 15, tzinfo=UTC)
    world.stores.summaries.purge_before(SummarySpan.HOUR, day + timedelta(days=2))
    found = live.query.drift("delay", Window(start=first + HOUR, end=first + 30 * HOUR))
    assert (found.start, found.end) == (day, day + timedelta(days=2))
    assert found.rows == sum(1 for row in world.stores.predictions.iter("delay", start=found.start, end=found.end))


def test_traffic_tells_rows_and_latencies_of_hours(world: Any, draw_rows: Any, live: LiveMonitor):
    first = log_days(world, draw_rows, hours=10)
    live.step()
    hours = live.query.traffic("delay", start=first, end=first + 24 * HOUR)
    assert [(hour.start, hour.rows) for hour in hours] == [(first, 20), (first + 5 * HOUR, 20)]
    assert [hours[0].p50_ms, hours[0].p95_ms, hours[0].p99_ms] == pytest.approx([1.0] * 3, rel=0.01)
    assert live.query.traffic("delay", start=first, end=first + HOUR, version=2) == []


def test_nothing_is_known_of_an_endpoint_without_predictions(live: LiveMonitor, world: Any):
    found = live.query.drift("nowhere")
    assert (found.rows, found.drift, found.version) == (0, (), 0)
    assert live.query.traffic("nowhere", start=world.clock.now() - HOUR, end=world.clock.now()) == []
