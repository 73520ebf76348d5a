"""How much one client may ask for: requests per minute, and bytes per request."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from millwright.core.errors import PayloadTooLargeError, TooManyRequestsError
from millwright.server.asgi import client_of, header_of, send_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.errors import MillwrightError
    from millwright.server.asgi import App, Message, Receive, Scope, Send

_CLIENTS = 10_000  # most that are remembered; the one that was not seen for longest is forgotten first
_UNLIMITED = frozenset({"/health", "/version"})
_ARTIFACTS = ("/api/2.0/mlflow-artifacts/", "/ajax-api/2.0/mlflow-artifacts/")


class RequestRate:
    """A bucket of requests per client, filled evenly; a whole minute's worth may be spent at once.

    Args:
        per_minute: Requests per minute and client; 0 for no limit.
        now: The time in seconds, never going back.
    """

    def __init__(self, per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._now = now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, client: str) -> float:
        """Count a request; how many seconds until the next would be let in when this one is not, else 0."""
        if not self._per_minute:
            return 0.0
        now, rate = self._now(), self._per_minute / 60
        left, seen = self._buckets.pop(client, (float(self._per_minute), now))
        left = min(float(self._per_minute), left + (now - seen) * rate)
        wait = 0.0 if left >= 1 else (1 - left) / rate
        self._buckets[client] = (left if wait else left - 1, now)
        if len(self._buckets) > _CLIENTS:
            self._buckets.popitem(last=False)
        return wait


class Limits:
    """Refuses what is too much with 429 or 413.

    Args:
        app: What answers the rest.
        rate: Requests per minute.
        max_body_bytes: Largest body.
        max_artifact_bytes: Largest artifact; 0 for no limit.
    """

    def __init__(self, app: App, rate: RequestRate, *, max_body_bytes: int, max_artifact_bytes: int) -> None:
        self._app = app
        self._rate = rate
        self._max_body = max_body_bytes
        self._max_artifact = max_artifact_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["path"] not in _UNLIMITED and (wait := self._rate.wait_s(client_of(scope))):
            await send_error(scope, send, too_many(wait), more=retry_after(wait))
            return
        limit = self._limit(scope)
        length = header_of(scope, b"content-length")
        if length.isdigit() and limit and int(length) > limit:
            # The rest of the body will not be read: the connection cannot be used again.
            await send_error(scope, send, _too_large(limit), more=[(b"connection", b"close")])
            return
        await self._counted(scope, receive, send, limit)

    def _limit(self, scope: Scope) -> int:
        upload = scope["method"] == "PUT" and scope["path"].startswith(_ARTIFACTS)
        return self._max_artifact if upload else self._max_body

    async def _counted(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        """A body in chunks tells its length only by its end."""
        size, refused, begun = 0, False, False

        async def receiving() -> Message:
            nonlocal size, refused
            message = await receive()
            if message["type"] == "http.request":
                size += len(message.get("body", b""))
                if limit and size > limit:
                    refused = True
                    return {"type": "http.disconnect"}
            return message

        async def sending(message: Message) -> None:
            nonlocal begun
            if refused and not begun:
                return  # what the application makes of a client that seems to have left
            begun = True
            await send(message)

        try:
            await self._app(scope, receiving, sending)
        except Exception:
            if not refused or begun:
                raise
        if refused and not begun:
            await send_error(scope, send, _too_large(limit), more=[(b"connection", b"close")])


def too_many(wait_s: float) -> MillwrightError:
    """The error of who asks too often."""
    return TooManyRequestsError(
        "Expected fewer requests from this address.", hint=f"Try again in {math.ceil(wait_s)} s, or send batches."
    )


def retry_after(wait_s: float) -> list[tuple[bytes, bytes]]:
    """The header that tells a client when to come again."""
    return [(b"retry-after", str(max(1, math.ceil(wait_s))).encode())]


def _too_large(limit: int) -> MillwrightError:
    return PayloadTooLargeError(
        f"Expected a body of at most {limit:,} bytes, found a longer one.",
        hint="Send less at once; whoever runs the server can raise server.max_body_mb or server.max_artifact_mb.",
        details={"limit_bytes": limit},
    )
