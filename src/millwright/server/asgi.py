"""The shapes of ASGI, and answers that need no framework."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from millwright.core.errors import MillwrightError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]

# Paths that MLflow's clients know; what goes wrong there is told in MLflow's form.
WIRE_PREFIXES = ("/api/2.0/", "/api/3.0/", "/ajax-api/", "/v1/traces", "/get-artifact", "/model-versions/")

_LONGEST_PATH = 500
_SECRET_FOLDERS = ("/api/v1/hooks/",)

_WIRE_CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    413: "BAD_REQUEST",
    421: "BAD_REQUEST",
    429: "REQUEST_LIMIT_EXCEEDED",
    503: "TEMPORARILY_UNAVAILABLE",
}


class ClientGoneError(ConnectionError):
    """The client left before its request was complete: nobody waits for an answer."""


def header_of(scope: Scope, name: bytes) -> str:
    """The last value of a header, by its lower-case name; empty when it is not there."""
    value = ""
    for found, raw in scope["headers"]:
        if found == name:
            value = raw.decode("latin-1")
    return value


def client_of(scope: Scope) -> str:
    """The address that a request came from; empty when the server does not know it."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def told_path(path: str) -> str:
    """A path as it is written down: shortened, and without the tokens that some carry."""
    for secret in _SECRET_FOLDERS:
        if path.startswith(secret):
            return f"{secret}…"
    return path[:_LONGEST_PATH]


async def send_bytes(
    send: Send,
    status: int,
    body: bytes,
    *,
    content_type: bytes = b"text/plain; charset=utf-8",
    more: Iterable[Header] = (),
) -> None:
    """Send a whole answer."""
    headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode()), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def send_error(scope: Scope, send: Send, error: MillwrightError, *, more: Iterable[Header] = ()) -> None:
    """Send an error in the shape that the path's callers read: MLflow's, or the one of everything else."""
    if scope["path"].startswith(WIRE_PREFIXES):
        code = _WIRE_CODES.get(error.http_status, "INTERNAL_ERROR")
        shape: Any = {"error_code": code, "message": str(error)}
    else:
        shape = error.as_dict()
    body = msgspec.json.encode(shape)
    await send_bytes(send, error.http_status, body, content_type=b"application/json", more=more)
