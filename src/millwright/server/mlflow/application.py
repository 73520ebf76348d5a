"""The ASGI application of MLflow's wire: finds the route, decodes, asks for permission, runs the handler, answers.

Path of a write (5 hops): `MlflowApp.__call__` → `decode_body` → `Authorizer.check` → the handler inside
`Transactions.group` → the store. Bare ASGI: a framework would cost more than these small requests do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from millwright.core.errors import PayloadTooLargeError
from millwright.server.asgi import ClientGoneError
from millwright.server.mlflow.answer import Answer
from millwright.server.mlflow.call import DEFAULT_PROJECT, Call
from millwright.server.mlflow.failure import WireError, as_wire_error
from millwright.server.mlflow.permission import AllowAll, Authorizer
from millwright.server.mlflow.request import check_content_type, decode_body, decode_query, parse_query
from millwright.server.mlflow.route import Mode, NoRouteError, Router
from millwright.server.transfer import Transfers

if TYPE_CHECKING:
    from collections.abc import Iterable

    import msgspec

    from millwright.server.mlflow.route import Match, Route
    from millwright.server.service import Services

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_NOT_FOUND = b"<!doctype html>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n"
_PROJECT_HEADER = "x-mlflow-workspace"


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """Who calls, and what they may see.

    Attributes:
        projects: Names of visible projects; None means all.
    """

    actor: str
    projects: Sequence[str] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WireOptions:
    """Limits and hooks of the wire.

    Attributes:
        max_body_bytes: Largest JSON body; artifacts are streamed and have a limit of their own.
        threads: How many reads run at once.
        identify: Who sends a request, by its scope; answers the server's own actor for everyone when None.
        authorizer: Decides on calls.
        transfers: Gives out addresses of this server.
    """

    max_body_bytes: int = 64 << 20
    threads: int = 8
    identify: Callable[[Scope], Identity] | None = None
    authorizer: Authorizer = field(default_factory=AllowAll)
    transfers: Transfers = field(default_factory=Transfers)


class MlflowApp:
    """Answers MLflow's clients.

    Args:
        services: What handlers read and write.
        routes: Every endpoint.
        options: Limits and hooks.
    """

    def __init__(self, services: Services, routes: Iterable[Route], options: WireOptions | None = None) -> None:
        self.router = Router(routes)
        self._services = services
        self._options = options or WireOptions()
        self._readers = ThreadPoolExecutor(self._options.threads, thread_name_prefix="wire-read")

    def answers(self, path: str) -> bool:
        """Whether some method has a route at the path."""
        return self.router.answers(path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        try:
            match = self.router.find(scope["method"], scope["path"])
            if match.route.mode is Mode.STREAM:
                await self._stream(match, scope, receive, send)
                return
            answer = await self._answer(match, scope, receive)
        except ClientGoneError:
            return
        except NoRouteError as error:
            answer = _no_route(error)
        except Exception as error:  # noqa: BLE001 - logged there, and told in one shape
            told = as_wire_error(error, method=scope["method"], path=scope["path"])
            answer = failure_answer(told)
        await send_answer(answer, send)

    def close(self) -> None:
        """Let the threads go."""
        self._readers.shutdown(wait=False, cancel_futures=True)

    async def _stream(self, match: Match, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        call = self._call(match, scope)
        try:
            await self._options.authorizer.check(match.route.rule, call, None)
            await match.route.handler(call, receive, sending)
        except ClientGoneError:
            return
        except Exception as error:
            if begun:
                raise  # the status is out: only breaking the connection tells the client that the rest is missing
            told = as_wire_error(error, method=scope["method"], path=scope["path"])
            await send_answer(failure_answer(told), send)

    async def _answer(self, match: Match, scope: Scope, receive: Receive) -> Answer:
        route = match.route
        call = self._call(match, scope)
        body = None
        if route.body is not None:
            data = await read_body(receive, self._options.max_body_bytes)
            body = self._decode(route, call, data)
        await self._options.authorizer.check(route.rule, call, body)
        if route.mode is Mode.WRITE:
            future = self._services.stores.transactions.group(lambda: route.handler(call, body))
            result = await asyncio.wrap_future(future)
        else:
            loop = asyncio.get_running_loop()
            result = await loop.run_in_executor(self._readers, _run, route, call, body)
        if isinstance(result, Answer):
            return result
        return Answer() if result is None else Answer(result)

    @staticmethod
    def _decode(route: Route, call: Call, data: bytes) -> msgspec.Struct:
        body = route.body
        if body is None:
            raise TypeError(f"The route {route.method} {route.path} has no body.")
        if route.method == "GET" and call.query:
            return decode_query(call.query, body, route.required)
        if route.method != "GET" and data:
            check_content_type(call.headers.get("content-type", ""))
        return decode_body(data, body, route.required)

    def _call(self, match: Match, scope: Scope) -> Call:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        identify = self._options.identify
        identity = Identity(actor=self._services.actor) if identify is None else identify(scope)
        return Call(
            services=self._services,
            actor=identity.actor,
            projects=identity.projects,
            path=match.path,
            query=parse_query(scope["query_string"]) if scope["query_string"] else (),
            headers=headers,
            project=headers.get(_PROJECT_HEADER, "") or DEFAULT_PROJECT,
            scope=scope,
            version=match.version,
            transfers=self._options.transfers,
        )


def _run(route: Route, call: Call, body: msgspec.Struct | None) -> Any:
    result = route.handler(call, body)
    # Long answers are encoded here, in the thread, so that the event loop goes on.
    return result if isinstance(result, Answer) else Answer() if result is None else Answer(result)


async def read_body(receive: Receive, limit: int) -> bytes:
    """A request's whole body.

    Raises:
        PayloadTooLargeError: It is longer than `limit` bytes.
        ClientGoneError: The client left before it was complete.
    """
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError("The client left before its request was complete.")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise PayloadTooLargeError(
                f"Expected a body of at most {limit:,} bytes, found a longer one.", hint="Send it in several requests."
            )
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


async def send_answer(answer: Answer, send: Send) -> None:
    """Send a whole answer."""
    headers = [
        (b"content-type", answer.content_type),
        (b"content-length", str(len(answer.body)).encode()),
        *answer.headers,
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})


def failure_answer(error: WireError) -> Answer:
    """A failure in MLflow's form."""
    headers: tuple[tuple[bytes, bytes], ...] = ((b"retry-after", b"1"),) if error.status in {429, 503} else ()
    if error.status == 401:
        headers = ((b"www-authenticate", b'Basic realm="millwright"'),)
    return Answer({"error_code": error.code, "message": error.message}, status=error.status, headers=headers)


def _no_route(error: NoRouteError) -> Answer:
    if error.allowed:
        allow = ((b"allow", ", ".join(error.allowed).encode()),)
        return Answer(b"Method Not Allowed", status=405, content_type=b"text/plain; charset=utf-8", headers=allow)
    return Answer(_NOT_FOUND, status=404, content_type=b"text/html; charset=utf-8")
