from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

from millwright.demo.traffic import Traffic
from tiny.project import FEATURES, server, visits

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = visits(5).select(FEATURES).to_dicts()


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_traffic_counts_the_answers_by_version_until_the_context_ends(trained):
    with server(trained) as url:
        with Traffic(url, ROWS) as traffic:
            _wait(lambda: traffic.answered.total() > len(ROWS))  # the rows are asked for over and over
        counted = dict(traffic.answered)
        time.sleep(0.05)
    assert set(counted) == {"late-visit@1"}
    assert dict(traffic.answered) == counted
    assert traffic.failures == []


def test_traffic_counts_each_request_that_nobody_answers():
    with socket.socket() as taken:  # bound, not listening: a connection is refused
        taken.bind(("127.0.0.1", 0))
        with Traffic(f"http://127.0.0.1:{taken.getsockname()[1]}", ROWS) as traffic:
            _wait(lambda: len(traffic.failures) >= 2)
    assert "found none that answers" in traffic.failures[0]
    assert not traffic.answered


def test_traffic_counts_a_refusal_and_goes_on(trained):
    with server(trained) as url, Traffic(url, [*ROWS, {"load": "heavy"}]) as traffic:
        _wait(lambda: bool(traffic.failures) and traffic.answered.total() > len(ROWS))
    assert "'load'" in traffic.failures[0]
