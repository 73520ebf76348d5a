"""uvicorn's HTTP, with bounds on what a client may send before anybody looks at it, and on how long it may take.

uvicorn's fast parser keeps a request line and headers of any size in memory, and waits for them for ever; headers that
come behind a body (trailers) would join those that were checked already.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio

MOST_HEAD_BYTES = 128 << 10  # MLflow's clients ask for 100 runs' histories in one request line
HEAD_S = 30.0
IDLE_S = 120.0  # between two pieces of a body
CHECK_S = 10.0
_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: 29\r\nconnection: close\r\n\r\nExpected fewer header fields."
)


class _Stage(Enum):
    IDLE = "idle"  # between two requests, on which uvicorn has a limit of its own
    HEAD = "head"
    BODY = "body"
    ANSWER = "answer"


class BoundedProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._stage = _Stage.HEAD
        self._head_bytes = 0
        self._began = self._heard = self.loop.time()
        self._watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected."""
        super().connection_made(transport)
        self._watch = self.loop.call_later(CHECK_S, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """It has gone."""
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Something came."""
        self._heard = self.loop.time()
        if self._stage is _Stage.IDLE:
            self._begin()
        in_head = self._stage is _Stage.HEAD
        super().data_received(data)
        if in_head and self._stage is _Stage.HEAD:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self._refuse()

    def on_message_begin(self) -> None:
        """A request begins."""
        if self._stage is not _Stage.HEAD:
            self._begin()
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header is complete; one behind the body is dropped."""
        if self._stage is _Stage.HEAD:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is complete."""
        self._stage = _Stage.BODY
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > MOST_HEAD_BYTES:
            self._refuse()
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of the body came."""
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The body is complete."""
        self._stage = _Stage.ANSWER
        if not self.transport.is_closing():
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer was sent."""
        if self._stage is _Stage.ANSWER:
            self._stage = _Stage.IDLE
        super().on_response_complete()

    def _begin(self) -> None:
        self._stage = _Stage.HEAD
        self._head_bytes = 0
        self._began = self.loop.time()

    def _refuse(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def _look(self) -> None:
        """Close the connection when it is the client that keeps us waiting."""
        now = self.loop.time()
        late = (self._stage is _Stage.HEAD and now - self._began > HEAD_S) or (
            self._stage is _Stage.BODY and now - self._heard > IDLE_S
        )
        if late and not self.flow.read_paused:
            self.transport.close()
            return
        self._watch = self.loop.call_later(CHECK_S, self._look)
