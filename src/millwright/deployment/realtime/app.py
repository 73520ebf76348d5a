"""The ASGI application: finds the route, reads the body, picks the model, answers, logs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from itertools import count
from time import perf_counter
from typing import TYPE_CHECKING, Any

from millwright.core.errors import MillwrightError, PayloadTooLargeError, ServiceUnavailableError
from millwright.core.ids import new_id
from millwright.deployment.realtime.answer import Answer, error_answer
from millwright.deployment.realtime.call import Call
from millwright.deployment.realtime.content_encoding import inflate
from millwright.deployment.realtime.protocol import all_routes
from millwright.deployment.realtime.request_head import check_content_type, read_head
from millwright.deployment.realtime.route import RouteOptions, Router

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

    from millwright.deployment.realtime.prediction import Prediction
    from millwright.deployment.realtime.request_head import RequestHead
    from millwright.deployment.realtime.route import Handler, Match
    from millwright.deployment.realtime.serving_state import ServingState

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# Bodies beyond this size (some hundred rows) are answered in a thread, so that they don't hold up single rows.
_INLINE_BYTES = 32 << 10
_HEADER_IDS = 16
_NO_ROUTE = "none"


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
    """

    def __init__(
        self, state: ServingState, options: AppOptions | None = None, *, executor: Executor | None = None
    ) -> None:
        self._state = state
        self._options = options or AppOptions()
        self._executor = executor
        self._router = Router(all_routes(self._options.routes))
        # A caller that names no request gets the process's id and a number: cheaper than a random id each time.
        self._process = new_id()[:20]
        self._number = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3)."""
        if scope["type"] != "http":
            raise RuntimeError(f"This server speaks HTTP only, found {scope['type']}.")
        started = perf_counter()
        stats = self._state.stats
        stats.in_flight += 1
        label = _NO_ROUTE
        head = read_head(scope["headers"])
        request_id = head.request_id or f"{self._process}{next(self._number):012x}"
        try:
            try:
                match = self._router.find(scope["path"])
                label = match.route.label
                answer = await self._answer(match, scope, head, receive, request_id)
            except MillwrightError as error:
                answer = error_answer(error, scope["path"])
            await send(
                {"type": "http.response.start", "status": answer.status, "headers": self._headers(answer, request_id)}
            )
            await send({"type": "http.response.body", "body": answer.body})
            stats.observe(label, scope["method"], answer.status, perf_counter() - started)
        except _ClientLeftError:
            stats.observe(label, scope["method"], 499, perf_counter() - started)
        finally:
            stats.in_flight -= 1

    async def _answer(self, match: Match, scope: Scope, head: RequestHead, receive: Receive, request_id: str) -> Answer:
        handler = match.route.handler(scope["method"])
        body = b""
        if scope["method"] == "POST":
            self._check_head(head, match.route.takes)
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body"):
                body = message.get("body", b"")
                if len(body) > self._options.max_body_bytes:
                    raise _too_large(self._options.max_body_bytes, f"{len(body):,}")
            else:
                body = await self._read_on(message, receive)
            if head.encoding:
                # In a thread: a small body may become a large one.
                body = await asyncio.get_running_loop().run_in_executor(
                    self._executor, inflate, body, head.encoding, self._options.max_body_bytes
                )
        served = self._state.model(match.model, match.version)
        call = Call(
            self._state,
            served,
            body=body,
            headers=scope["headers"],
            query=scope.get("query_string", b""),
            request_id=request_id,
            received=perf_counter(),
        )
        if len(body) <= _INLINE_BYTES:
            answer = _run(handler, call)
        else:
            answer = await asyncio.get_running_loop().run_in_executor(self._executor, _run, handler, call)
        if answer.prediction is not None:
            written = self._keep(answer.prediction)
            if written is not None:
                await _acknowledged(written, answer.prediction)
        return answer

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

    def _keep(self, prediction: Prediction) -> Future[None] | None:
        """Count and log; what to wait for before answering, if anything."""
        served, log = prediction.served, self._state.log
        self._state.stats.count_predictions(served.name, served.version, len(prediction.ids))
        if log is None:
            return None
        if self._options.durable:
            return log.commit(prediction.entries)
        log.offer(prediction.entries)
        return None

    def _headers(self, answer: Answer, request_id: str) -> list[tuple[bytes, bytes]]:
        prediction = answer.prediction
        served = self._state.slots[0].current if prediction is None else prediction.served
        headers = [
            (b"content-type", answer.content_type),
            (b"content-length", b"%d" % len(answer.body)),
            (b"x-request-id", request_id.encode("ascii")),
            (b"x-model-version", served.ref_header),
            *answer.headers,
        ]
        if prediction is not None:
            ids = prediction.ids
            shown = ids[0] if len(ids) == 1 else ",".join(ids[:_HEADER_IDS])
            headers.append((b"x-prediction-id", shown.encode("ascii")))
        if self._state.draining:
            headers.append((b"connection", b"close"))
        return headers


async def _acknowledged(written: Future[None], prediction: Prediction) -> None:
    try:
        await asyncio.wrap_future(written)
    except Exception as error:
        raise ServiceUnavailableError(
            "The prediction could not be logged, and this server answers only what it has logged.",
            hint="Try again; the server's log tells why.",
            details={"prediction_id": prediction.ids[0]},
        ) from error


def _run(handler: Handler, call: Call) -> Answer:
    try:
        return handler(call)
    except MillwrightError:
        raise
    except Exception as error:
        # A bug of ours or of the model's library: told in the log, not to the caller.
        logger.exception("Answering request %s failed", call.request_id)
        raise MillwrightError(
            "The server failed to answer this request.",
            hint="Its log tells why, under this request id.",
            details={"request_id": call.request_id},
        ) from error


def _too_large(limit: int, found: str) -> PayloadTooLargeError:
    return PayloadTooLargeError(
        f"Expected a body of at most {limit:,} bytes, found {found}.",
        hint="Send fewer rows in one request, or predict a file with: mw predict",
        details={"maximum": limit},
    )
