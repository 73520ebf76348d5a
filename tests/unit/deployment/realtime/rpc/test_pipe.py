"""A pipe between real sockets; in the gRPC server's place stands one that sends frames and echoes."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Self

from millwright.deployment.realtime.rpc.address import Address
from millwright.deployment.realtime.rpc.frame import GOAWAY
from millwright.deployment.realtime.rpc.pipe import Pipe

FRAME = b"\0\0\x02\0\0\0\0\0\1ab"


class Place:
    """A caller, piped to a server; both ends are held by the test."""

    def __init__(self) -> None:
        self.pipes: set[Pipe] = set()
        self.address = Address()
        self.server_side: asyncio.Queue[Any] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        path = self.address.url.replace("unix-abstract:", "\0").removeprefix("unix:")
        self.inner = await asyncio.start_unix_server(self._accept, path)
        self.outer = await loop.create_server(lambda: Entry(self), "127.0.0.1", 0)
        self.reader, self.writer = await asyncio.open_connection(*self.outer.sockets[0].getsockname())
        return self

    async def _accept(self, reader: Any, writer: Any) -> None:
        await self.server_side.put((reader, writer))

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        self.outer.close()
        self.inner.close()
        self.address.close()


class Entry(asyncio.Protocol):
    """Hands a connection over at its first bytes."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def connection_made(self, transport):
        self._transport = transport

    def data_received(self, data):
        pipe = Pipe(self._transport, self._place.pipes)
        self._place.task = asyncio.create_task(pipe.open(self._place.address, data))


def run(test):
    async def within() -> None:
        async with Place() as place:
            place.writer.write(b"first")
            await test(place, *await place.server_side.get())

    asyncio.run(asyncio.wait_for(within(), 20))


def test_both_ways_are_open_and_the_end_is_passed_on():
    async def test(place: Place, reader: Any, writer: Any) -> None:
        place.writer.write(b"-second")
        assert await reader.readexactly(12) == b"first-second"
        writer.write(b"answer")
        assert await place.reader.readexactly(6) == b"answer"
        assert len(place.pipes) == 1
        place.writer.close()
        assert await reader.read() == b""
        assert not place.pipes
        writer.close()

    run(test)


def test_end_of_the_server_is_passed_on_behind_what_it_sent():
    async def test(place: Place, _reader: Any, writer: Any) -> None:
        writer.write(b"last words")
        writer.close()
        assert await place.reader.read() == b"last words"

    run(test)


def test_more_than_fits_waits_until_it_is_read():
    async def test(place: Place, reader: Any, writer: Any) -> None:
        much = b"x" * (16 << 20)
        writer.write(much)
        assert await place.reader.readexactly(len(much)) == much
        place.writer.write(much)
        await reader.readexactly(5)
        assert await reader.readexactly(len(much)) == much
        writer.close()

    run(test)


def test_farewell_stands_between_frames():
    async def test(place: Place, _reader: Any, writer: Any) -> None:
        (pipe,) = place.pipes
        pipe.leave()  # before the server has said anything
        writer.write(FRAME[:5])
        assert await place.reader.readexactly(5) == FRAME[:5]
        writer.write(FRAME[5:])
        expected = FRAME[5:] + GOAWAY
        assert await place.reader.readexactly(len(expected)) == expected
        writer.write(FRAME)
        assert await place.reader.readexactly(len(FRAME)) == FRAME  # it is said once
        pipe.leave()
        assert await place.reader.readexactly(len(GOAWAY)) == GOAWAY
        writer.close()

    run(test)


def test_caller_is_disconnected_when_the_server_is_not_there():
    async def within() -> None:
        async with Place() as place:
            place.inner.close()
            await place.inner.wait_closed()
            place.writer.write(b"first")
            with contextlib.suppress(ConnectionResetError):
                assert await place.reader.read() == b""
            while place.pipes:  # noqa: ASYNC110 - there is nobody to set an event
                await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(within(), 20))
