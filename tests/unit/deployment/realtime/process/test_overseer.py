from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.line import Line
from millwright.core.listener import open_listener
from millwright.core.worker import Worker
from millwright.deployment.realtime.process.board import Board, Standing
from millwright.deployment.realtime.process.overseer import ServingOverseer
from millwright.deployment.realtime.process.parent_metrics import ParentMetrics
from millwright.deployment.realtime.process.scaling import ScalingOptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Server:
    """An overseer, its socket, and the ends of workers that are not processes."""

    def __init__(self, folder: Path, listener: socket.socket, **options: Any) -> None:
        self.board, self.listener = Board(), listener
        self.overseer = ServingOverseer(
            ScalingOptions(**options),
            listener=listener,
            board=self.board,
            metrics=ParentMetrics(folder),
            prepare_s=1.0,
        )
        self.lines: list[Line] = []

    def worker(self, place: int) -> tuple[Worker, Line]:
        mine, its = Line.pair()
        self.lines += [mine, its]
        worker = Worker(1_000 + place, place, mine)
        worker.is_ready = True
        return worker, its


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with open_listener("127.0.0.1", 0) as found:
        yield found


def close(server: Server) -> None:
    for each in server.lines:
        each.close()


def test_fixed_number_is_wanted(tmp_path, listener):
    server = Server(tmp_path, listener, least=3, most=3)
    assert server.overseer.wanted([]) == 3
    assert list(server.overseer.watched()) == []


def test_workers_are_told_of_a_swap_and_of_the_end_of_one_that_has_died(tmp_path, listener):
    server = Server(tmp_path, listener, least=2, most=2)
    (one, first), (two, second) = server.worker(0), server.worker(1)
    for each in (one, two):
        server.overseer.heard(each, {"join": {"delay": "delay@1"}})
    server.overseer.heard(one, {"propose": "delay", "ref": "delay@2"})
    assert first.read()[-1] == second.read()[-1] == {"prepare": "delay", "round": 1, "ref": "delay@2"}
    server.overseer.heard(one, {"vote": "delay", "round": 1, "error": ""})
    server.board.write(1, Standing(accepts=1, connections=4))
    server.overseer.ended(two)
    (word,) = first.read()
    assert (word["is_commit"], word["places"]) == (True, [0])
    assert server.board.read(1) == Standing()
    close(server)


def test_who_waits_while_there_is_no_worker_calls_for_one(tmp_path, listener):
    server = Server(tmp_path, listener, least=0, most=2, idle_s=0.0001)
    worker, its = server.worker(0)
    server.board.write(0, Standing(accepts=1))
    while server.overseer.wanted([worker]):
        pass
    assert worker.is_leaving
    assert its.read() == [{"leave": True}]
    server.overseer.ended(worker)
    assert server.overseer.wanted([]) == 0
    assert list(server.overseer.watched()) == [listener]
    with socket.create_connection(listener.getsockname()):
        assert server.overseer.wanted([]) == 1
    close(server)
