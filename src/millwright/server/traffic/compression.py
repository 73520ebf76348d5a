"""gzip for JSON answers that are worth it."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from millwright.server.asgi import header_of

if TYPE_CHECKING:
    from millwright.server.asgi import App, Message, Receive, Scope, Send

SMALLEST = 1024  # bytes; below, a packet is a packet
_LEVEL = 1  # JSON shrinks to a tenth at once; higher levels cost five times as much for a fifth less
_GZIP = 31  # zlib's number for a gzip header


class Compression:
    """Compresses JSON that is sent in one piece, when the client takes gzip.

    Args:
        app: What answers.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http" or "gzip" not in header_of(scope, b"accept-encoding").lower():
            await self._app(scope, receive, send)
            return
        held: Message | None = None

        async def sending(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start" and _is_json(message):
                held = message
                return
            if held is not None:
                start, held = held, None
                start, message = _compressed(start, message)
                await send(start)
            await send(message)

        await self._app(scope, receive, sending)


def _is_json(start: Message) -> bool:
    headers = dict(start["headers"])
    kind = headers.get(b"content-type", b"")
    return kind.startswith(b"application/json") and b"content-encoding" not in headers


def _compressed(start: Message, body: Message) -> tuple[Message, Message]:
    headers = [(name, value) for name, value in start["headers"] if name.lower() != b"vary"]
    headers.append((b"vary", b"accept-encoding"))
    data = body.get("body", b"")
    if body.get("more_body", False) or len(data) < SMALLEST:
        return {**start, "headers": headers}, body
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    packed = packer.compress(data) + packer.flush()
    headers = [(name, value) for name, value in headers if name.lower() != b"content-length"]
    headers += [(b"content-length", str(len(packed)).encode()), (b"content-encoding", b"gzip")]
    return {**start, "headers": headers}, {**body, "body": packed}
