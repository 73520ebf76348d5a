"""Which application answers a request; the light ones at once, the one with pages once it is loaded."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from millwright.core.errors import ForbiddenError, MillwrightError
from millwright.server.asgi import send_bytes, send_error
from millwright.server.mlflow.probe import MLFLOW_VERSION
from millwright.server.principal import principal_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from millwright.server.asgi import App, Receive, Scope, Send
    from millwright.server.mlflow.application import MlflowApp
    from millwright.storage.base import AuditStore

logger = logging.getLogger(__name__)

# Paths that are MLflow's alone: what is not there answers as MLflow answers.
_WIRE = ("/api/2.0/", "/api/3.0/", "/ajax-api/")


class Front:
    """Gives a request to the wire when that knows the path, or when only it could; else to the API and the pages.

    Args:
        wire: MLflow's wire.
        build_pages: Makes the application with API and pages; called once, in a thread, after the server has started.
        audit: Read to see whether the records can be.
        metrics: Everything that is counted, as text with its content type.
    """

    def __init__(
        self,
        wire: MlflowApp,
        build_pages: Callable[[], App],
        *,
        audit: AuditStore,
        metrics: Callable[[], tuple[bytes, bytes]],
    ) -> None:
        self._wire = wire
        self._build_pages = build_pages
        self._audit = audit
        self._metrics = metrics
        self._pages: asyncio.Future[App] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        path = scope["path"]
        if path == "/health":
            await self._health(scope, send)
        elif path == "/version":
            # MLflow's clients look at it before they send spans: so it is MLflow's.
            await send_bytes(send, 200, MLFLOW_VERSION.encode())
        elif path == "/metrics":
            await self._tell_counts(scope, send)
        elif "//" in path and not self._wire.answers(path) and self._wire.answers(_merged(path)):
            await _redirect(scope, send)
        elif path.startswith(_WIRE) or self._wire.answers(path):
            await self._wire(scope, receive, send)
        else:
            pages = await asyncio.shield(self._loading())
            await pages(scope, receive, send)

    def _loading(self) -> asyncio.Future[App]:
        if self._pages is None or (self._pages.done() and self._pages.exception() is not None):
            self._pages = asyncio.ensure_future(asyncio.to_thread(self._build_pages))
        return self._pages

    async def _health(self, scope: Scope, send: Send) -> None:
        try:
            await asyncio.to_thread(self._audit.list, limit=1)
        except MillwrightError as error:
            await send_error(scope, send, error, more=[(b"retry-after", b"5")])
            return
        await send_bytes(send, 200, b"OK")

    async def _tell_counts(self, scope: Scope, send: Send) -> None:
        principal = principal_of(scope)
        if principal is not None and principal.projects is not None:
            await send_error(scope, send, _counts_refusal(principal.projects))
            return
        body, content_type = await asyncio.to_thread(self._metrics)
        await send_bytes(send, 200, body, content_type=content_type)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._loading().add_done_callback(_tell_failure)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._wire.close()
        await send({"type": "lifespan.shutdown.complete"})


def _counts_refusal(projects: Sequence[str]) -> ForbiddenError:
    held = ", ".join(projects) or "none"
    return ForbiddenError(
        f"Expected a role in all projects, since the counts are over all of them; found roles in: {held}.",
        hint="Use a token that is not limited to projects, of a user with a role in '*': mw users grant NAME viewer.",
        details={"projects": list(projects)},
    )


def _merged(path: str) -> str:
    return re.sub("/{2,}", "/", path)


async def _redirect(scope: Scope, send: Send) -> None:
    """Ask again with single slashes, as MLflow's server does: clients join a URI and a path with two."""
    query = scope["query_string"]
    location = quote(_merged(scope["path"])).encode() + (b"?" + query if query else b"")
    await send_bytes(send, 308, b"", more=[(b"location", location)])


def _tell_failure(loading: asyncio.Future[App]) -> None:
    if not loading.cancelled() and (error := loading.exception()) is not None:
        logger.error("the pages cannot be loaded", exc_info=error)
