"""One port for HTTP/1.1 and gRPC: who connects is known by the first bytes.

gRPC runs on HTTP/2, without TLS and without an upgrade here, and that begins with a text that begins no request of
HTTP/1.1 (RFC 9113, section 3.4). Such a connection goes to the gRPC server; any other goes to HTTP with its first
bytes, and costs nothing from then on.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


class HandedOverError(ConnectionError):
    """What HTTP is told of a connection that turned out not to be its own."""


class Door(asyncio.Protocol):
    """A connection that has not said yet what it is.

    Args:
        http: HTTP's protocol for it; it keeps watch over those that say nothing.
        hand_over: Takes a connection of gRPC, with what has come on it.
    """

    def __init__(self, http: asyncio.Protocol, hand_over: Callable[[asyncio.Transport, bytes], None]) -> None:
        self._http = http
        self._hand_over = hand_over
        self._transport: asyncio.Transport
        self._begun = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has connected."""
        self._transport = transport
        self._http.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """The first bytes are there."""
        begun = self._begun = self._begun + data
        if begun.startswith(PREFACE):
            # With an error, since HTTP closes what was lost without one.
            self._http.connection_lost(HandedOverError())
            self._hand_over(self._transport, begun)
        elif not PREFACE.startswith(begun):
            self._transport.set_protocol(self._http)
            self._http.data_received(begun)

    def eof_received(self) -> bool | None:
        """The caller sends nothing more."""
        return self._http.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """The caller has gone without a word."""
        self._http.connection_lost(exc)
