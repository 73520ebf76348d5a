"""Over real connections; in HTTP's place stands a protocol that says what it got."""

from __future__ import annotations

import asyncio

import pytest

from millwright.deployment.realtime.rpc.door import PREFACE, Door


class Speaker(asyncio.Protocol):
    """Answers what it gets with a mark before it."""

    def __init__(self) -> None:
        self.made = self.lost = False
        self.error: Exception | None = None

    def connection_made(self, transport):
        self.made, self.transport = True, transport

    def data_received(self, data):
        self.transport.write(b"http:" + data)

    def connection_lost(self, exc):
        self.lost, self.error = True, exc


async def exchange(*pieces: bytes) -> tuple[bytes, Speaker]:
    """What came back of some pieces, each sent when the one before has been seen."""
    speaker, doors = Speaker(), []

    def hand_over(transport: asyncio.Transport, first: bytes) -> None:
        transport.set_protocol(asyncio.Protocol())
        transport.write(b"rpc:" + first)
        transport.close()

    class Watched(Door):
        def __init__(self) -> None:
            super().__init__(speaker, hand_over)
            self.seen = asyncio.Event()
            doors.append(self)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self.seen.set()

    server = await asyncio.get_running_loop().create_server(Watched, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    for number, piece in enumerate(pieces):
        writer.write(piece)
        if number + 1 < len(pieces):
            await doors[0].seen.wait()
            doors[0].seen.clear()
    writer.write_eof()
    found = await reader.read()
    writer.close()
    server.close()
    return found, speaker


@pytest.mark.parametrize("sent", [b"GET / HTTP/1.1\r\n", b"PUT", b"PRI * HTTP/1.1\r\n\r\n", b"\x16\x03\x01"])
def test_what_does_not_begin_as_http2_goes_to_http(sent):
    found, speaker = asyncio.run(exchange(sent))
    assert found == b"http:" + sent
    assert speaker.error is None


def test_http2_goes_to_grpc_with_what_came():
    found, speaker = asyncio.run(exchange(PREFACE + b"more"))
    assert found == b"rpc:" + PREFACE + b"more"
    assert (speaker.made, speaker.lost, bool(speaker.error)) == (True, True, True)


def test_preface_may_come_in_pieces():
    found, _ = asyncio.run(exchange(PREFACE[:1], PREFACE[1:20], PREFACE[20:]))
    assert found == b"rpc:" + PREFACE


def test_beginning_that_turns_out_otherwise_goes_to_http_whole():
    found, _ = asyncio.run(exchange(b"P", b"OST /"))
    assert found == b"http:POST /"


def test_caller_that_goes_without_a_word_is_told_to_http():
    found, speaker = asyncio.run(exchange())
    assert (found, speaker.made) == (b"", True)
