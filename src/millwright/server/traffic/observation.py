"""An id for each request; how many there were, how long they took, and a line for those that failed."""

from __future__ import annotations

import logging
import re
import time
from typing import TYPE_CHECKING
from uuid import uuid4

from millwright.server.asgi import client_of, header_of, send_bytes, told_path
from millwright.server.principal import principal_of

if TYPE_CHECKING:
    from millwright.server.asgi import App, Message, Receive, Scope, Send
    from millwright.server.traffic.metrics import RequestMetrics

logger = logging.getLogger(__name__)

KEY = "millwright.request_id"
_SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Observation:
    """The outermost layer.

    Args:
        app: What answers.
        metrics: Counts.
        access_log: Whether every request gets a line, not only those that failed here (5xx).
    """

    def __init__(self, app: App, metrics: RequestMetrics, *, access_log: bool) -> None:
        self._app = app
        self._metrics = metrics
        self._access_log = access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and note what became of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        request_id = request_id_of(scope)
        scope[KEY] = request_id
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message["headers"], (b"x-request-id", request_id.encode())]}
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception:
            logger.exception("%s failed", scope["method"], extra={"fields": {"request_id": request_id}})
            if status:
                raise  # the answer has begun: only breaking the connection tells that the rest is missing
            await send_bytes(sending, 500, b"Something unexpected went wrong here.")
        finally:
            self._note(scope, request_id, status, time.perf_counter() - begun)

    def _note(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        self._metrics.count(scope["method"], scope["path"], status, seconds)
        if not self._access_log and status < 500:
            return
        principal = principal_of(scope)
        fields = {
            "request_id": request_id,
            "method": scope["method"],
            "path": told_path(scope["path"]),
            "status": status,
            "duration_ms": round(seconds * 1000, 2),
            "client": client_of(scope),
            "actor": principal.actor if principal is not None else None,
        }
        logger.log(logging.INFO if status < 500 else logging.ERROR, "request", extra={"fields": fields})


def request_id_of(scope: Scope) -> str:
    """The id that a client or proxy gave a request when it is short and plain; else a new one."""
    given = header_of(scope, b"x-request-id")
    return given if _SANE.fullmatch(given) else uuid4().hex
