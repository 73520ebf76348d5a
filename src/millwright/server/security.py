"""The guard in front of everything: which requests come in, and which headers go out.

A page on the web that makes its own name resolve to 127.0.0.1 (DNS rebinding) could read this server through its
visitor's browser. Such requests carry the page's name as `Host`, and are refused.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

import msgspec

from millwright.core.errors import MalformedRequestError, MisdirectedRequestError

if TYPE_CHECKING:
    from collections.abc import Collection

    from millwright.core.errors import MillwrightError
    from millwright.server.asgi import App, Message, Receive, Scope, Send

# Pages bring one stylesheet and no script at all; their one form asks for a prediction by its id.
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# Documents were made by people's pipelines. They may run the scripts they bring, in an origin of their own: without
# cookies, storage, forms, or a way to read this server or to send anything out.
DOCUMENT_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": PAGE_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
_HOST = re.compile(r"(\[[0-9a-f:]+\]|[^:\[\]]+)(?::\d{1,5})?")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")


class Guard:
    """An ASGI application around another.

    Args:
        app: What answers the requests that are let through.
        known_hosts: Names that requests may carry as `Host`, in lower case and without a port.
        any_address: Whether they may also carry any IP address: no web page can make one its own, so that it is safe
            wherever callers must say who they are.
    """

    def __init__(self, app: App, known_hosts: Collection[str], *, any_address: bool = False) -> None:
        self._app = app
        self._known_hosts = frozenset(known_hosts)
        self._any_address = any_address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check an HTTP request and pass it on; of the rest, only a server's start and end."""
        kind: str = scope["type"]
        if kind == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
        elif kind == "http":
            await self._pass_on(scope, receive, _with_headers(send))
        else:
            await self._app(scope, receive, send)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope)
        if refusal is not None:
            await _refuse(refusal, send)
            return
        if scope["method"] == "HEAD":
            # The server in front leaves out the body of what it knows to be HEAD.
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> MillwrightError | None:
        hosts = [value.decode("latin-1").lower() for name, value in scope["headers"] if name == b"host"]
        found = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        if found is None or not self._knows(found[1]):
            return MisdirectedRequestError(
                f"Expected a request for this machine, found one for '{', '.join(hosts) or '(no host)'}'.",
                hint="Use the address that mw server printed; name a proxy's host with --allow-host.",
            )
        asked = scope.get("raw_path") or scope["path"].encode()
        if any(_CONTROL.search(unquote_to_bytes(part)) for part in (asked, scope["query_string"])):
            return MalformedRequestError("Expected an address without control characters.")
        return None

    def _knows(self, host: str) -> bool:
        return host in self._known_hosts or (self._any_address and is_address(host))


def is_address(host: str) -> bool:
    """Whether a `Host` is an IP address and not a name."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = _completed(message)
        await send(message)

    return sending


def _completed(message: Message) -> Message:
    headers = list(message["headers"])
    present = {name.lower() for name, _ in headers}
    headers += [(name.encode(), value.encode()) for name, value in HEADERS.items() if name.encode() not in present]
    return {**message, "headers": headers}


async def _refuse(error: MillwrightError, send: Send) -> None:
    body = msgspec.json.encode(error.as_dict())
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": error.http_status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
