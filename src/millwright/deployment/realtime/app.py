"""The ASGI application: finds the route, reads the body, chooses the model, answers, tells who observes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from itertools import count
from time import perf_counter, time
from typing import TYPE_CHECKING, Any

from millwright.core.errors import MillwrightError, PayloadTooLargeError
from millwright.core.ids import new_id
from millwright.deployment.realtime.admission import Admission
from millwright.deployment.realtime.answer import Answer, error_answer
from millwright.deployment.realtime.call import Call
from millwright.deployment.realtime.content_encoding import inflate
from millwright.deployment.realtime.inference import InferencePath
from millwright.deployment.realtime.observer import Observed
from millwright.deployment.realtime.protocol import all_routes
from millwright.deployment.realtime.request_head import check_content_type, read_head
from millwright.deployment.realtime.route import RouteOptions, Router

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from millwright.deployment.realtime.request_head import RequestHead
    from millwright.deployment.realtime.route import Match, Route
    from millwright.deployment.realtime.serving_state import ServingState

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_HEADER_IDS = 16
_NO_ROUTE = "none"
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
        # A caller that names no request gets the process's id and a number: cheaper than a random id each time.
        self._process = new_id()[:20]
        self._number = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3)."""
        if scope["type"] != "http":
            raise RuntimeError(f"This server speaks HTTP only, found {scope['type']}.")
        exchange = _Exchange(scope)
        stats = self._state.stats
        stats.in_flight += 1
        head = read_head(scope["headers"])
        request_id = head.request_id or f"{self._process}{next(self._number):012x}"
        try:
            try:
                answer = await self._answer(exchange, head, receive, request_id)
            except MillwrightError as error:
                answer = self._refusal(error, exchange)
            except asyncio.CancelledError:
                answer = self._refusal(self.admission.ended(), exchange)
            exchange.status = answer.status
            await send(
                {
                    "type": "http.response.start",
                    "status": answer.status,
                    "headers": self._headers(answer, exchange.call, request_id),
                }
            )
            await send({"type": "http.response.body", "body": answer.body})
            exchange.answer = answer
        except _ClientLeftError:
            exchange.status = _CLIENT_LEFT
        finally:
            stats.in_flight -= 1
        self._tell(exchange, request_id)

    async def _answer(self, exchange: _Exchange, head: RequestHead, receive: Receive, request_id: str) -> Answer:
        scope = exchange.scope
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
        return Call(
            state,
            slot,
            arm,
            body=body,
            headers=scope["headers"],
            query=scope.get("query_string", b""),
            request_id=request_id,
            received=perf_counter(),
        )

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

    def _refusal(self, error: MillwrightError, exchange: _Exchange) -> Answer:
        exchange.error = error.code
        self._state.stats.count_error(exchange.label, error.code)
        return error_answer(error, exchange.scope["path"])

    def _headers(self, answer: Answer, call: Call | None, request_id: str) -> list[tuple[bytes, bytes]]:
        headers = [
            (b"content-type", answer.content_type),
            (b"content-length", b"%d" % len(answer.body)),
            (b"x-request-id", request_id.encode("ascii")),
            *answer.headers,
        ]
        slots = self._state.slots
        if call is not None:
            headers.append((b"x-model-version", call.served.ref_header))
        elif len(slots) == 1:  # refused before a model was chosen, where there is no choice
            headers.append((b"x-model-version", slots[0].current.ref_header))
        if answer.prediction is not None:
            ids = answer.prediction.ids
            shown = ids[0] if len(ids) == 1 else ",".join(ids[:_HEADER_IDS])
            headers.append((b"x-prediction-id", shown.encode("ascii")))
        if self._state.draining:
            headers.append((b"connection", b"close"))
        return headers

    def _tell(self, exchange: _Exchange, request_id: str) -> None:
        """Count a request that was answered, and tell the observers."""
        scope, call, status = exchange.scope, exchange.call, exchange.status
        seconds = perf_counter() - exchange.started
        self._state.stats.observe(exchange.label, scope["method"], status, seconds)
        if call is not None and call.slot.lineup.chooser is not None:
            call.arm.count(status, seconds)
        if not self._state.observers:
            return
        answer, client = exchange.answer, scope.get("client")
        observed = Observed(
            method=scope["method"],
            path=scope["path"],
            label=exchange.label,
            headers=scope["headers"],
            client=f"{client[0]}:{client[1]}" if client else "",
            request_id=request_id,
            status=status,
            seconds=seconds,
            ended=time(),
            size=0 if answer is None else len(answer.body),
            error=exchange.error,
            call=call,
            prediction=None if answer is None else answer.prediction,
        )
        for observer in self._state.observers:
            observer.answered(observed)


class _Exchange:
    """What is known of a request while it is answered. A plain slotted class, since one is made per request."""

    __slots__ = ("answer", "call", "error", "label", "scope", "started", "status")

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.started = perf_counter()
        self.label = _NO_ROUTE
        self.status = 0
        self.error = ""
        self.call: Call | None = None
        self.answer: Answer | None = None


def _too_large(limit: int, found: str) -> PayloadTooLargeError:
    return PayloadTooLargeError(
        f"Expected a body of at most {limit:,} bytes, found {found}.",
        hint="Send fewer rows in one request, or predict a file with: mw predict",
        details={"maximum": limit},
    )
