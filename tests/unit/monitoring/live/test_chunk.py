from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.monitoring.judging import Judging
from millwright.monitoring.live.chunk import chunks, report_chunks
from millwright.monitoring.live.monitor import LiveMonitor

START = datetime(2026, 1, 15, 12, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_chunks_begin_with_the_hour_and_the_last_may_be_shorter():
    begin = START.replace(minute=0)
    assert list(chunks(START, begin + 5 * HOUR, 2 * HOUR)) == [
        (begin, begin + 2 * HOUR),
        (begin + 2 * HOUR, begin + 4 * HOUR),
        (begin + 4 * HOUR, begin + 5 * HOUR),
    ]
    assert list(chunks(START, START - HOUR, HOUR)) == []


@pytest.mark.parametrize("every", [timedelta(0), timedelta(minutes=90), timedelta(minutes=1)])
def test_chunk_of_no_whole_hours_is_refused(every: timedelta):
    with pytest.raises(InvalidInputError, match="whole hours"):
        list(chunks(START, START + HOUR, every))


def test_reports_are_written_once_for_chunks_with_rows(world: Any, draw_rows: Any):
    world.register()
    live = LiveMonitor(world.stores, world.clock)
    start = world.clock.now()
    for seed, days in ((5, 100.0), (6, 130.0)):
        world.log(draw_rows(200, seed=seed, days=days))
        world.clock.advance(2 * HOUR)
    live.step()

    def write() -> list[Any]:
        pieces = chunks(start, start + 4 * HOUR, HOUR)
        return list(
            report_chunks("delay", query=live.query, stores=world.stores, clock=world.clock, pieces=pieces, actor="ada")
        )

    first, second = write()
    assert [first.window_start, second.window_start] == [start, start + 2 * HOUR]
    assert [first.rows, second.rows] == [200, 200]
    assert not any(column.drifted for column in first.drift)
    assert "days" in {column.column for column in second.drift if column.drifted}
    assert write() == []
    assert {first.monitor, second.monitor} == {""}
    asked = Judging(declared={"name": "hourly", "digest": "d"})
    pieces = chunks(start, start + 4 * HOUR, HOUR)
    [again, _] = report_chunks(
        "delay", query=live.query, stores=world.stores, clock=world.clock, pieces=pieces, actor="ada", judged=asked
    )
    assert (again.monitor, again.window_start) == ("hourly", first.window_start)
    told = {entry.details["report_id"]: entry.details for entry in world.stores.audit.list(subject="endpoint:delay")}
    assert told[again.id]["monitor"] == {"name": "hourly", "digest": "d"}
    assert "monitor" not in told[first.id]
    by_hand = world.stores.monitors.list_reports("delay", monitor="")
    assert {each.id for each in by_hand} == {first.id, second.id}
    assert [entry.action for entry in world.stores.audit.list(subject="endpoint:delay")] == ["monitor.backfill"] * 4
    assert world.stores.monitors.list_alerts("delay") == []
