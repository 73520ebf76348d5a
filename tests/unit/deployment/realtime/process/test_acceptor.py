from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest

from millwright.core.listener import open_listener
from millwright.deployment.realtime.process.acceptor import Acceptor

if TYPE_CHECKING:
    from collections.abc import Callable


class Greeting(asyncio.Protocol):
    """Says one byte to whoever connects, and closes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(b"x")
        transport.close()


async def greeted(listener: socket.socket) -> bytes:
    reader, writer = await asyncio.open_connection(*listener.getsockname()[:2])
    found = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    return found


@pytest.mark.parametrize("ahead", [lambda: 0, lambda: 3], ids=["has fewest", "has more than others"])
def test_connections_are_taken_whoever_has_fewest(ahead: Callable[[], int]):
    async def run() -> None:
        with open_listener("127.0.0.1", 0) as listener:
            acceptor = Acceptor(listener, Greeting, ahead)
            assert acceptor.is_serving()
            assert await asyncio.gather(*(greeted(listener) for _ in range(20))) == [b"x"] * 20
            acceptor.close()
            await acceptor.wait_closed()
            assert (acceptor.is_serving(), acceptor.opening) == (False, 0)

    asyncio.run(run())


def test_who_waits_when_one_process_stops_is_taken_by_another():
    async def run() -> None:
        with open_listener("127.0.0.1", 0) as listener:
            first = Acceptor(listener, Greeting, lambda: 0)
            first.close()
            waiting = [asyncio.create_task(greeted(listener)) for _ in range(5)]
            await asyncio.sleep(0.1)
            assert not any(each.done() for each in waiting)
            second = Acceptor(listener, Greeting, lambda: 0)
            assert await asyncio.gather(*waiting) == [b"x"] * 5
            second.close()

    asyncio.run(run())


def test_of_two_the_one_with_fewer_connections_takes_those_that_come_together():
    taken = {"first": 0, "second": 0}

    def count(name: str) -> Callable[[], asyncio.Protocol]:
        def make() -> asyncio.Protocol:
            taken[name] += 1
            return asyncio.Protocol()

        return make

    async def run() -> None:
        # Each with a number of its own for the socket, as in processes: one loop watches a number once.
        with open_listener("127.0.0.1", 0) as listener, listener.dup() as again:
            acceptors = [
                Acceptor(listener, count("first"), lambda: taken["first"] - taken["second"]),
                Acceptor(again, count("second"), lambda: taken["second"] - taken["first"]),
            ]
            callers = [socket.create_connection(listener.getsockname()) for _ in range(20)]
            while sum(taken.values()) < 20:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            for each in callers:
                each.close()
            for acceptor in acceptors:
                acceptor.close()
                await acceptor.wait_closed()

    asyncio.run(run())
    assert min(taken.values()) >= 8
