"""uvicorn's HTTP with a short way for small requests, and bounds on what a caller may send and on how long it may take.

uvicorn's fast parser keeps a request line and headers of any size in memory, and waits for them for ever; headers that
come behind a body (trailers) would join those that were checked already.
"""

from __future__ import annotations

from enum import IntEnum
from select import POLLIN, poll
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio

    from millwright.deployment.realtime.quick_path import Quick, QuickPath

MOST_HEAD_BYTES = 128 << 10
LOOK_S = 5.0
HEAD_LOOKS = 6  # for the request line and the headers, all in all
BODY_LOOKS = 24  # between two pieces of a body
IDLE_LOOKS = 15  # between two requests
_KNOWN_HEAD_BYTES = 2 << 10
_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: 29\r\nconnection: close\r\n\r\nExpected fewer header fields."
)


class Stage(IntEnum):
    """Where a connection is, and so for what it waits."""

    IDLE = 0
    HEAD = 1
    BODY = 2
    ANSWER = 3


class _Wire:
    """The connection, as what answers a request on it sees it: it hangs up when the caller has said all."""

    __slots__ = ("_protocol", "is_closing", "write")

    def __init__(self, protocol: ServingProtocol) -> None:
        self._protocol = protocol
        self.write = protocol.transport.write
        self.is_closing = protocol.transport.is_closing

    def close(self) -> None:
        """The answer was the last one."""
        self._protocol.hang_up()


_LOOKS = {Stage.IDLE: IDLE_LOOKS, Stage.HEAD: HEAD_LOOKS, Stage.BODY: BODY_LOOKS}


class ServingProtocol(HttpToolsProtocol):
    """One connection; its application is a `RealtimeApp`.

    Attributes:
        leaving: The next answer tells the caller to close this connection.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._path: QuickPath = self.config.app.quick  # type: ignore[union-attr]
        # A request that is to be answered at once when its body is complete, and what has come of the body.
        self._quick: Quick | None = None
        self._given_id: bytes | None = None
        self._piece = b""
        # What came when nothing else had come of a request.
        self._beginning = b""
        self._stage = Stage.HEAD
        self._head_bytes = 0
        self._looks = 0
        self.leaving = False
        # Answered, and to be closed when the rest of the body has come, which nobody reads.
        self._is_hanging_up = False
        self._watch: asyncio.TimerHandle | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nothing was asked for some seconds."""
        return self._looks > 1

    def let_go(self) -> None:
        """Close, if nothing was asked for some seconds and nothing has begun to come.

        A request that is on its way at this moment fails, as it does whenever a server closes what is idle; so nobody
        who has asked lately is let go.
        """
        is_between = self._stage is Stage.IDLE or (self._stage is Stage.HEAD and not self._head_bytes)
        if self.is_idle and is_between and not self.transport.is_closing() and not self._has_come():
            self.transport.close()

    def _has_come(self) -> bool:
        """Whether the system holds something that the event loop has not read yet."""
        connection = self.transport.get_extra_info("socket")
        if connection is None:
            return False
        look = poll()  # unlike select, for descriptors of any number
        look.register(connection.fileno(), POLLIN)
        return bool(look.poll(0))

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected."""
        super().connection_made(transport)
        self._watch = self.loop.call_later(LOOK_S, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """It has gone."""
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Something came."""
        if self._stage is Stage.IDLE or (self._stage is Stage.HEAD and not self._head_bytes):
            if self._answer_known(data):
                return
            self._beginning = data
        super().data_received(data)
        self._beginning = b""
        if self._stage is Stage.HEAD:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
                self.transport.write(_TOO_LARGE)
                self.transport.close()

    def on_message_begin(self) -> None:
        """A request begins. What an ASGI application needs to know of it is written down only when one is asked."""
        self.url = b""
        self.headers = []
        self._stage = Stage.HEAD
        self._head_bytes = self._looks = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header is complete."""
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """The head is complete."""
        self._stage = Stage.BODY
        self._looks = 0
        headers, parser, cycle = self.headers, self.parser, self.cycle
        if (cycle is None or cycle.response_complete) and parser.get_method() == b"POST":
            found = dict(headers)
            quick = self._path.find(self.url, found)
            if (
                quick is not None
                and len(found) == len(headers)
                and parser.get_http_version() == "1.1"
                and not self.flow.write_paused
                and not self.leaving
            ):
                self._quick = quick
                self._given_id = found.get(b"x-request-id")
                self._piece = b""
                return
        self._ask_application()

    def on_body(self, body: bytes) -> None:
        """A piece of the body came."""
        if self.transport.is_closing():
            return
        if not self._is_hanging_up:  # the time for what nobody reads is not without end
            self._looks = 0
        if self._quick is None:
            super().on_body(body)
        else:
            self._piece = self._piece + body if self._piece else body

    def on_message_complete(self) -> None:
        """The body is complete."""
        self._stage = Stage.ANSWER
        if self._is_hanging_up:
            self.transport.close()
        if self.transport.is_closing():
            return
        quick = self._quick
        if quick is not None:
            self._quick = None
            content = self._path.answer(
                quick, self.headers, self._given_id, self._piece, self.client, self.server_state.default_headers
            )
            if content is not None:
                self._write(content)
                self._remember(quick)
                return
            self._ask_application()
            super().on_body(self._piece)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The application has answered."""
        super().on_response_complete()
        self._looks = 0
        if self._stage is Stage.ANSWER and not self.pipeline:
            self._stage = Stage.IDLE

    def hang_up(self) -> None:
        """Close; while a body comes, not before its end.

        A connection that is closed with bytes of the caller's unread is reset, and the caller loses the answer that
        told it that its body is too large.
        """
        if self._stage is Stage.BODY:
            self._is_hanging_up = True
            self._looks = 0
        else:
            self.transport.close()

    def shutdown(self) -> None:
        """The server ends; a request that has begun to come is still answered."""
        if self._quick is not None:
            self._quick = None
            self._ask_application()
            super().on_body(self._piece)
        super().shutdown()

    def _answer_known(self, data: bytes) -> bool:
        """Answer a whole request whose head, byte for byte, has come before: it is not parsed again.

        The parser is between two requests, so that it would read the same from the same bytes.
        """
        end = data.find(b"\r\n\r\n", 0, _KNOWN_HEAD_BYTES) + 4
        known = self._path.known.get(data[:end])
        if (
            known is None
            or len(data) - end != known.length
            or self.flow.write_paused
            or self.leaving
            or self.transport.is_closing()
        ):
            return False
        content = self._path.answer_known(known, data[end:], self.server_state.default_headers)
        if content is None:
            return False
        self._unset_keepalive_if_required()
        self._write(content)
        return True

    def _write(self, content: bytes) -> None:
        self.transport.write(content)
        self.server_state.total_requests += 1
        self._stage = Stage.IDLE
        self._looks = 0

    def _remember(self, quick: Quick) -> None:
        """Remember the head of a request that came in one piece, and alone."""
        piece, whole = self._piece, self._beginning
        end = whole.find(b"\r\n\r\n", 0, _KNOWN_HEAD_BYTES) + 4
        if len(whole) - end == len(piece) and whole.startswith(b"POST ") and whole.endswith(piece):
            self._path.remember(whole[:end], quick, self.headers, len(piece))

    def _ask_application(self) -> None:
        """Go the way of all requests, from the complete head on."""
        url, headers = self.url, self.headers
        super().on_message_begin()
        self.url = url
        self.scope["headers"] = headers
        self.headers = []  # what comes behind the body is not the head's
        self.expect_100_continue = any(
            name == b"expect" and value.lower() == b"100-continue" for name, value in headers
        )
        super().on_headers_complete()
        if self.cycle is None:
            return
        self.cycle.transport = _Wire(self)  # type: ignore[assignment] # has what a cycle asks of a transport
        if self.leaving:
            self.cycle.keep_alive = False  # as if the caller had asked for it: uvicorn tells it, and closes

    def _look(self) -> None:
        """Close the connection when it is the caller that keeps us waiting."""
        self._looks += 1
        limit = HEAD_LOOKS if self._is_hanging_up else _LOOKS.get(self._stage)
        if limit is not None and self._looks > limit and not self.flow.read_paused:
            self.transport.close()
            return
        self._watch = self.loop.call_later(LOOK_S, self._look)
