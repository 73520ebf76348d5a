from __future__ import annotations

import random
import threading
import time
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.clock import SystemClock
from millwright.core.records.summary import SummarySpan
from millwright.monitoring.live.follower import FoldResult, Follower, FollowerOptions
from millwright.testing.opener import StoreOpener
from millwright.testing.process import in_killed_process, in_threads

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOURS, DAYS = SummarySpan.HOUR, SummarySpan.DAY


@pytest.fixture
def follower(world: Any) -> Follower:
    world.register()
    return Follower(world.stores, world.clock)


def rows_of(stores: Any, span: SummarySpan = HOURS) -> dict[Any, int]:
    return {record.start: record.rows for record in stores.summaries.list_summaries("delay", span)}


def logged(stores: Any) -> Counter[Any]:
    return Counter(row.at.replace(minute=0, second=0, microsecond=0) for row in stores.predictions.iter("delay"))


def test_fold_counts_each_row_once(world: Any, draw_rows: Any, follower: Follower):
    for hours in (0, 1, 1):
        world.clock.advance(timedelta(hours=hours))
        world.log(draw_rows(30))
    result = follower.fold("delay", follower.find("delay"))
    assert (result.segments, result.rows, result.pending, result.problems) == (3, 90, 0, ())
    assert rows_of(world.stores) == logged(world.stores)
    assert sum(rows_of(world.stores, DAYS).values()) == 90
    assert follower.find("delay") == []


def test_late_segment_goes_into_its_hour(world: Any, draw_rows: Any, follower: Follower):
    world.log(draw_rows(30))
    follower.fold("delay", follower.find("delay"))
    hour = world.clock.now()
    world.clock.advance(timedelta(days=3))
    world.log(draw_rows(10))
    follower.fold("delay", follower.find("delay"))
    world.clock.advance(-timedelta(days=3))
    world.log(draw_rows(7))
    world.clock.advance(timedelta(days=3))
    assert follower.find("delay") == []  # older than what is looked back for
    world.clock.advance(FollowerOptions().rescan)
    follower.fold("delay", follower.find("delay"))
    assert rows_of(world.stores)[hour] == 37
    assert rows_of(world.stores) == logged(world.stores)


def test_batch_ends_with_the_segment_that_goes_beyond_its_rows(world: Any, draw_rows: Any):
    world.register()
    follower = Follower(world.stores, world.clock, FollowerOptions(most_rows=50))
    for _ in range(5):
        world.log(draw_rows(20))
    names = follower.find("delay")
    first = follower.fold("delay", names)
    assert (first.segments, first.rows, first.pending) == (3, 60, 2)
    assert follower.fold("delay", names[-first.pending :]).rows == 40
    small = Follower(world.stores, world.clock, FollowerOptions(most_segments=1))
    world.log(draw_rows(1))
    world.log(draw_rows(1))
    assert small.fold("delay", small.find("delay")).pending == 1


def test_damaged_segment_is_told_and_the_others_are_folded(
    world: Any, draw_rows: Any, follower: Follower, tmp_path: Path
):
    world.log(draw_rows(5))
    world.log(draw_rows(6))
    (damaged, _) = sorted(tmp_path.glob("predictions/**/*.parquet"))
    damaged.write_bytes(b"nothing")
    result = follower.fold("delay", follower.find("delay"))
    assert result.segments == 1
    assert damaged.name in result.problems[0]
    assert follower.find("delay", whole=True) == [str(damaged.relative_to(tmp_path / "predictions" / "delay"))]


def test_version_without_reference_is_told(world: Any, draw_rows: Any):
    world.log(draw_rows(4))
    follower = Follower(world.stores, world.clock)
    result = follower.fold("delay", follower.find("delay"))
    assert (result.rows, result.skipped) == (4, {"delay@1": 4})
    assert "registry" in result.problems[0]


def test_followers_that_fold_the_same_at_once_count_each_row_once(world: Any, draw_rows: Any):
    world.register()
    for _ in range(12):
        world.log(draw_rows(5))
    names = list(world.stores.predictions.segments("delay"))

    def work(number: int) -> FoldResult:
        follower = Follower(world.stores, world.clock, FollowerOptions(most_segments=2 + number))
        result, left = FoldResult(endpoint="delay"), names
        while left:
            result = result.add(follower.fold("delay", left))
            left = follower.find("delay", whole=True)
        return result

    results = in_threads(work, count=3)
    assert sum(result.rows for result in results) == 60
    assert sum(result.segments for result in results) == 12
    assert rows_of(world.stores) == logged(world.stores)


def test_killed_followers_leave_counts_that_equal_the_log(world: Any, draw_rows: Any, tmp_path: Path):
    world.register()
    for number in range(40):
        world.clock.advance(timedelta(minutes=5))
        world.log(draw_rows(3, seed=number))
    opener = StoreOpener(
        records_url=f"sqlite:///{tmp_path / 'records.db'}",
        artifacts_url=str(tmp_path / "artifacts"),
        predictions_url=str(tmp_path / "predictions"),
    )
    for _ in range(2):
        in_killed_process(opener, _follow_until_killed)
        fold = world.stores.summaries.find_fold("delay")
        rows = fold.rows if fold else 0
        assert sum(rows_of(world.stores).values()) == sum(rows_of(world.stores, DAYS).values()) == rows
    follower = Follower(world.stores, world.clock)
    follower.fold("delay", follower.find("delay", whole=True))
    assert rows_of(world.stores) == logged(world.stores)
    assert sum(rows_of(world.stores, DAYS).values()) == 120
    fold = world.stores.summaries.find_fold("delay")
    assert (fold.segments, fold.rows) == (40, 120)


def _follow_until_killed(stores: Any, acknowledge: Callable[[Any], None]) -> None:
    follower = Follower(stores, SystemClock(), FollowerOptions(most_segments=1))
    follower.known.find("delay", 1)
    left = follower.find("delay", whole=True)
    threading.Timer(random.uniform(0.0, 0.15), acknowledge, [None]).start()
    while left:
        follower.fold("delay", left)
        left = left[1:]
    time.sleep(10)
