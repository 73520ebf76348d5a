from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.line import Line
from millwright.deployment.realtime.assembly.attendance import Attendance
from millwright.deployment.realtime.process.board import Board, Standing
from millwright.deployment.realtime.process.workers import Share
from millwright.deployment.realtime.request_stats import RequestStats

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def share(tmp_path) -> Iterator[Share]:
    ends = Line.pair()
    yield Share(tmp_path, "host:1:1", Board(), 2, ends[1])
    for each in ends:
        each.close()


def test_worker_alone_is_never_ahead(share):
    assert Attendance(share, RequestStats()).ahead() == 0


def test_worker_with_fewest_is_told_to_take_and_says_so(share):
    share.board.write(0, Standing(accepts=1, connections=3))
    assert Attendance(share, RequestStats()).ahead() == -3
    assert share.board.read(2).connections == 1  # with the one that it is about to take
    assert share.board.fewest(0) == 1


def test_slow_requests_of_a_while_ago_are_forgotten_when_nobody_asks(share):
    stats = RequestStats()
    server: Any = SimpleNamespace(connections=0, server_state=SimpleNamespace(tasks=set()), leave=lambda: None)

    async def latency_until(is_there: Callable[[float], bool]) -> float:
        for _ in range(2_000):
            if is_there(share.board.read(2).latency_s):
                break
            await asyncio.sleep(0.01)
        return share.board.read(2).latency_s

    async def attended() -> tuple[float, float]:
        attending = asyncio.ensure_future(Attendance(share, stats).attend(server))
        for _ in range(100):
            stats.observe("predict", "POST", 200, 0.5)
        slow = await latency_until(lambda found: found >= 0.025)
        calm = await latency_until(lambda found: found < slow / 4)
        attending.cancel()
        return slow, calm

    slow, calm = asyncio.run(attended())
    assert slow >= 0.025  # a twentieth of half a second: they were seen in one tick
    assert calm < slow / 4
