"""The ASGI application: finds the route, reads the body, chooses the model, answers, tells who observes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from millwright.core.errors import MillwrightError, PayloadTooLargeError
from millwright.deployment.realtime.admission import Admission
from millwright.deployment.realtime.call import Call
from millwright.deployment.realtime.content_encoding import inflate
from millwright.deployment.realtime.exchange import Exchange
from millwright.deployment.realtime.inference import InferencePath
from millwright.deployment.realtime.protocol import all_routes
from millwright.deployment.realtime.quick_path import QuickPath
from millwright.deployment.realtime.request_head import check_content_type, read_head
from millwright.deployment.realtime.responder import Responder
from millwright.deployment.realtime.route import RouteOptions, Router

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from millwright.deployment.realtime.answer import Answer
    from millwright.deployment.realtime.request_head import RequestHead
    from millwright.deployment.realtime.route import Match, Route
    from millwright.deployment.realtime.serving_state import ServingState

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_CLIENT_LEFT = 499


@dataclass(frozen=True, kw_only=True, slots=True)
class AppOptions:
    """Limits of the application.

    Attributes:
        max_body_bytes: Largest body; checked while it arrives.
        durable: Answer only when the prediction log has acknowledged.
        routes: Paths that whoever runs the server chooses.
    """

    max_body_bytes: int = 16 << 20
    durable: bool = False
    routes: RouteOptions = field(default_factory=RouteOptions)


class _ClientLeftError(Exception):
    """The caller closed the connection before its request was complete."""


class RealtimeApp:
    """Answers HTTP requests with one model version each, from start to end.

    Args:
        state: What is served.
        options: Limits.
        executor: Runs large requests; the event loop's own when None.
        admission: Limits of what is taken on at once; none when None.
    """

    def __init__(
        self,
        state: ServingState,
        options: AppOptions | None = None,
        *,
        executor: Executor | None = None,
        admission: Admission | None = None,
    ) -> None:
        self._state = state
        self._options = options or AppOptions()
        self._executor = executor
        self.admission = admission or Admission()
        self.path = InferencePath(state, durable=self._options.durable, executor=executor)
        self._router = Router(all_routes(self._options.routes))
        self._responder = Responder(state)
        self.quick = QuickPath(
            state,
            self.path,
            router=self._router,
            responder=self._responder,
            admission=self.admission,
            max_body_bytes=self._options.max_body_bytes,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3)."""
        if scope["type"] != "http":
            raise RuntimeError(f"This server speaks HTTP only, found {scope['type']}.")
        exchange = Exchange(scope["method"], scope["path"], scope["headers"], scope.get("client"))
        responder = self._responder
        stats = self._state.stats
        stats.in_flight += 1
        head = read_head(scope["headers"])
        request_id = head.request_id or responder.request_id()
        try:
            try:
                answer = await self._answer(scope, exchange, head, receive, request_id)
            except MillwrightError as error:
                answer = responder.refusal(error, exchange)
            except asyncio.CancelledError:
                answer = responder.refusal(self.admission.ended(), exchange)
            exchange.status = answer.status
            await send(
                {
                    "type": "http.response.start",
                    "status": answer.status,
                    "headers": responder.headers(answer, exchange.call, request_id),
                }
            )
            await send({"type": "http.response.body", "body": answer.body})
            exchange.answer = answer
        except _ClientLeftError:
            exchange.status = _CLIENT_LEFT
        finally:
            stats.in_flight -= 1
        responder.tell(exchange, request_id)

    async def _answer(
        self, scope: Scope, exchange: Exchange, head: RequestHead, receive: Receive, request_id: str
    ) -> Answer:
        match = self._router.find(scope["path"])
        exchange.label = match.route.label
        method = scope["method"]
        handler = match.route.handler(method)
        body = await self._body(match.route, head, receive) if method == "POST" else b""
        call = exchange.call = self._call(match, scope, body, request_id)
        return await self.path.answer(handler, call)

    def _call(self, match: Match, scope: Scope, body: bytes, request_id: str) -> Call:
        state = self._state
        slot = state.slot(match.model)
        lineup = slot.lineup
        if match.version is None and (lineup.chooser is None or scope["method"] != "POST"):
            arm = lineup.primary
        else:
            arm = state.arm(lineup, match.version, scope["headers"], request_id)
        call = Call(
            state,
            slot,
            arm,
            body=body,
            headers=scope["headers"],
            query=scope.get("query_string", b""),
            request_id=request_id,
        )
        call.lineup = lineup
        return call

    async def _body(self, route: Route, head: RequestHead, receive: Receive) -> bytes:
        self.admission.check()
        self._check_head(head, route.takes)
        message = await receive()
        if message["type"] == "http.request" and not message.get("more_body"):
            body: bytes = message.get("body", b"")
            if len(body) > self._options.max_body_bytes:
                raise _too_large(self._options.max_body_bytes, f"{len(body):,}")
        else:
            body = await self._read_on(message, receive)
        if head.encoding:
            # In a thread: a small body may become a large one.
            return await asyncio.get_running_loop().run_in_executor(
                self._executor, inflate, body, head.encoding, self._options.max_body_bytes
            )
        return body

    def _check_head(self, head: RequestHead, takes: frozenset[bytes]) -> None:
        if head.length > self._options.max_body_bytes:
            raise _too_large(self._options.max_body_bytes, f"{head.length:,}")
        if head.content_type != b"application/json":
            check_content_type(head.content_type, takes)

    async def _read_on(self, message: Message, receive: Receive) -> bytes:
        """A body that comes in parts, from its first one."""
        limit = self._options.max_body_bytes
        parts, size = [], 0
        while True:
            if message["type"] != "http.request":
                raise _ClientLeftError
            part = message.get("body", b"")
            size += len(part)
            if size > limit:
                raise _too_large(limit, f"{size:,} or more")
            parts.append(part)
            if not message.get("more_body"):
                return b"".join(parts)
            message = await receive()


def _too_large(limit: int, found: str) -> PayloadTooLargeError:
    return PayloadTooLargeError(
        f"Expected a body of at most {limit:,} bytes, found {found}.",
        hint="Send fewer rows in one request, or predict a file with: mw predict",
        details={"maximum": limit},
    )
