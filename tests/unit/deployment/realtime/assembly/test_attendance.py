from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.line import Line
from millwright.deployment.realtime.assembly.attendance import Attendance
from millwright.deployment.realtime.process.board import Board, Standing
from millwright.deployment.realtime.process.workers import Share
from millwright.deployment.realtime.request_stats import RequestStats

if TYPE_CHECKING:
    from collections.abc import Iterator


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
