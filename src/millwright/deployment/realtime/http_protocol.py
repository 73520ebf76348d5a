"""uvicorn's HTTP with a short way for small requests, and bounds on what a caller may send and on how long it may take.

uvicorn's fast parser keeps a request line and headers of any size in memory, and waits for them for ever; headers that
come behind a body (trailers) would join those that were checked already.
"""

from __future__ import annotations

from enum import IntEnum
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


_LOOKS = {Stage.IDLE: IDLE_LOOKS, Stage.HEAD: HEAD_LOOKS, Stage.BODY: BODY_LOOKS}


class ServingProtocol(HttpToolsProtocol):
    """One connection; its application is a `RealtimeApp`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._path: QuickPath = self.config.app.quick  # type: ignore[union-attr]
        # A request that is to be answered at once when its body is complete, and what has come of the body.
        self._quick: Quick | None = None
        self._given_id: bytes | None = None
        self._piece = b""
        self._stage = Stage.HEAD
        self._head_bytes = 0
        self._looks = 0
        self._watch: asyncio.TimerHandle | None = None

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
        super().data_received(data)
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
        self._looks = 0
        if self._quick is None:
            super().on_body(body)
        else:
            self._piece = self._piece + body if self._piece else body

    def on_message_complete(self) -> None:
        """The body is complete."""
        self._stage = Stage.ANSWER
        if self.transport.is_closing():
            return
        quick = self._quick
        if quick is not None:
            self._quick = None
            content = self._path.answer(
                quick, self.headers, self._given_id, self._piece, self.client, self.server_state.default_headers
            )
            if content is not None:
                self.transport.write(content)
                self.server_state.total_requests += 1
                self._stage = Stage.IDLE
                self._looks = 0
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

    def shutdown(self) -> None:
        """The server ends; a request that has begun to come is still answered."""
        if self._quick is not None:
            self._quick = None
            self._ask_application()
            super().on_body(self._piece)
        super().shutdown()

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

    def _look(self) -> None:
        """Close the connection when it is the caller that keeps us waiting."""
        self._looks += 1
        limit = _LOOKS.get(self._stage)
        if limit is not None and self._looks > limit and not self.flow.read_paused:
            self.transport.close()
            return
        self._watch = self.loop.call_later(LOOK_S, self._look)
