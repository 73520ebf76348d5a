"""Web pages of other origins: what they may read (CORS), and that they change nothing (CSRF).

A page anywhere on the web can make its visitor's browser send requests to this server. Browsers tell which page did it;
requests that could change something are refused unless they come from this server's own pages or a listed origin.
Programs that are no browsers send no origin and pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from millwright.core.errors import ForbiddenError
from millwright.server.asgi import header_of, send_bytes, send_error

if TYPE_CHECKING:
    from collections.abc import Iterable

    from millwright.server.asgi import App, Header, Message, Receive, Scope, Send

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_METHODS = b"GET, POST, PUT, PATCH, DELETE"
_MAX_AGE = b"600"


class Origins:
    """Answers browsers that ask before they send, and refuses pages that did not have to ask.

    Args:
        app: What answers the requests that are let through.
        allowed: Origins whose pages may read and change, such as `https://lab.example`.
    """

    def __init__(self, app: App, allowed: Iterable[str]) -> None:
        self._app = app
        self._allowed = frozenset(origin.rstrip("/").lower() for origin in allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        origins = [value.decode("latin-1").lower() for name, value in scope["headers"] if name == b"origin"]
        origin = " ".join(origins)  # browsers send one
        listed = origin in self._allowed
        if scope["method"] == "OPTIONS" and origin and header_of(scope, b"access-control-request-method"):
            await self._answer_preflight(scope, send, origin, listed=listed)
            return
        if scope["method"] not in _SAFE and not listed and self._is_foreign(scope, origin):
            await send_error(scope, send, _refusal(origin))
            return
        await self._app(scope, receive, _with_headers(send, _headers(origin)) if listed else send)

    def _is_foreign(self, scope: Scope, origin: str) -> bool:
        if header_of(scope, b"sec-fetch-site").lower() in {"cross-site", "same-site"}:
            return True
        try:
            return bool(origin) and urlsplit(origin).netloc != header_of(scope, b"host").lower()
        except ValueError:
            return True

    async def _answer_preflight(self, scope: Scope, send: Send, origin: str, *, listed: bool) -> None:
        if not listed:
            await send_error(scope, send, _refusal(origin))
            return
        asked = header_of(scope, b"access-control-request-headers").encode("latin-1")
        more = [
            *_headers(origin),
            (b"access-control-allow-methods", _METHODS),
            (b"access-control-allow-headers", asked or b"authorization, content-type"),
            (b"access-control-max-age", _MAX_AGE),
        ]
        await send_bytes(send, 204, b"", more=more)


def _headers(origin: str) -> list[Header]:
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"vary", b"origin"),
        (b"access-control-expose-headers", b"x-request-id"),
        (b"cross-origin-resource-policy", b"cross-origin"),
    ]


def _with_headers(send: Send, headers: list[Header]) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *headers]}
        await send(message)

    return sending


def _refusal(origin: str) -> ForbiddenError:
    shown = "".join(letter for letter in origin if letter.isprintable())[:100] or "another site"
    return ForbiddenError(
        f"Expected a request of this server's own pages, found one that a page of '{shown}' had sent.",
        hint="Whoever runs the server can let that origin in: server.cors_origins.",
    )
