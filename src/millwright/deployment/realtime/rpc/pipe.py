"""A connection of a gRPC caller, piped to the gRPC server of this process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from millwright.deployment.realtime.rpc.frame import GOAWAY, FrameEnds

if TYPE_CHECKING:
    from collections.abc import MutableSet

    from millwright.deployment.realtime.rpc.address import Address


class Pipe(asyncio.Protocol):
    """The caller's end: what it sends goes to the server.

    When the process is to end, its callers must begin no more calls before the server refuses any: gRPC's own way to
    stop cancels what is on the wire at that moment. A pipe can say so before, by a frame of its own among the server's.

    Args:
        transport: The caller's connection.
        members: Sets that this pipe is in for as long as its caller is there.
    """

    def __init__(self, transport: asyncio.Transport, *members: MutableSet[Any]) -> None:
        self.transport = transport
        self._members = members
        self._server = _ServerEnd(transport)
        for each in members:
            each.add(self)
        # Nothing more until there is somebody to hand it to.
        transport.pause_reading()
        transport.set_protocol(self)

    async def open(self, address: Address, first: bytes) -> None:
        """Connect with the server; a caller that cannot be helped is disconnected.

        Args:
            address: The server's.
            first: What the caller has sent already.
        """
        client = self.transport
        try:
            connection = await address.connect(client.get_extra_info("peername") or ("", 0))
        except OSError:
            client.abort()
            return
        await asyncio.get_running_loop().create_unix_connection(lambda: self._server, sock=connection)
        self._server.transport.write(first)
        if client.is_closing():
            self._server.transport.close()
        else:
            client.resume_reading()

    def leave(self) -> None:
        """Ask the caller to begin no more calls on this connection, as soon as a frame can stand there."""
        self._server.leave()

    def shutdown(self) -> None:
        """The HTTP server ends its connections: the gRPC server does so by itself."""

    def data_received(self, data: bytes) -> None:
        """The caller sent something."""
        self._server.transport.write(data)

    def pause_writing(self) -> None:
        """The caller is slow to read."""
        self._server.transport.pause_reading()

    def resume_writing(self) -> None:
        """It has read."""
        self._server.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """The caller has gone."""
        del exc
        for each in self._members:
            each.discard(self)
        if self._server.is_open:
            self._server.transport.close()


class _ServerEnd(asyncio.Protocol):
    """The server's end: what it sends goes to the caller."""

    def __init__(self, client: asyncio.Transport) -> None:
        self.transport: asyncio.Transport
        self.is_open = False
        self._client = client
        self._ends = FrameEnds()
        self._is_leaving = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        self._client.write(data)
        self._ends.see(data)
        if self._is_leaving:
            self.leave()

    def leave(self) -> None:
        self._is_leaving = not self._ends.between
        if not self._is_leaving:
            self._client.write(GOAWAY)

    def pause_writing(self) -> None:
        self._client.pause_reading()

    def resume_writing(self) -> None:
        self._client.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.is_open = False
        self._client.close()
