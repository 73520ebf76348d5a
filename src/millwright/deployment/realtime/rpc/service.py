"""The gRPC service: finds the model, answers, and tells the end of each call as HTTP's do."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf.message import DecodeError

from millwright.core.errors import MalformedRequestError, MillwrightError, NotFoundError
from millwright.deployment.realtime.answer import json_answer
from millwright.deployment.realtime.call import Call
from millwright.deployment.realtime.contract import Contract
from millwright.deployment.realtime.exchange import Exchange
from millwright.deployment.realtime.inference import INLINE_BYTES
from millwright.deployment.realtime.request_head import plain_id
from millwright.deployment.realtime.responder import Responder
from millwright.deployment.realtime.rpc.address import caller
from millwright.deployment.realtime.rpc.infer import query_of, read_infer, write_infer
from millwright.deployment.realtime.rpc.message import ModelInferRequest, ModelStreamInferResponse
from millwright.deployment.realtime.rpc.query import HEALTH, QUERIES, SERVICE
from millwright.deployment.realtime.rpc.status import status_code, status_message, status_metadata

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Sequence

    from millwright.deployment.realtime.admission import Admission
    from millwright.deployment.realtime.answer import Answer
    from millwright.deployment.realtime.arm import Arm
    from millwright.deployment.realtime.inference import InferencePath
    from millwright.deployment.realtime.model_slot import ModelSlot
    from millwright.deployment.realtime.rpc.query import Query
    from millwright.deployment.realtime.serving_state import ServingState

logger = logging.getLogger(__name__)

METHOD = "RPC"
_INFER = f"/{SERVICE}/ModelInfer"
_STREAM = f"/{SERVICE}/ModelStreamInfer"
_CLIENT_LEFT = 499


class _Ended:
    """A call that was answered or refused."""

    __slots__ = ("answer", "error", "headers")

    def __init__(self, answer: Answer, error: MillwrightError | None, headers: Sequence[tuple[bytes, bytes]]) -> None:
        self.answer = answer
        self.error = error
        self.headers = headers


class InferenceService:
    """Answers the calls of the Open Inference Protocol with one model version each, from start to end.

    Args:
        state: What is served.
        path: Answers inference.
        admission: Limits of what is taken on at once, shared with HTTP.
    """

    def __init__(self, state: ServingState, path: InferencePath, admission: Admission) -> None:
        self._state = state
        self._path = path
        self._admission = admission
        self._responder = Responder(state)

    def handlers(self) -> tuple[grpc.GenericRpcHandler, ...]:
        """What a gRPC server answers by; messages come and go as bytes."""
        unary = grpc.unary_unary_rpc_method_handler
        methods: dict[str, dict[str, grpc.RpcMethodHandler]] = {SERVICE: {}, HEALTH: {}}
        for query in QUERIES:
            ask = partial(self._ask, query)
            methods[query.service][query.name] = unary(partial(self._unary, query.path, query.label, ask))
        methods[SERVICE]["ModelInfer"] = unary(partial(self._unary, _INFER, "v2.infer", self._infer))
        methods[SERVICE]["ModelStreamInfer"] = grpc.stream_stream_rpc_method_handler(self._stream)
        return tuple(grpc.method_handlers_generic_handler(service, found) for service, found in methods.items())

    async def _unary(
        self,
        path: str,
        label: str,
        answer: Callable[[Exchange, bytes, str], Awaitable[Answer]],
        body: bytes,
        context: grpc.aio.ServicerContext[Any, Any],
    ) -> bytes:
        """One message in, one out."""
        ended = await self._end(self._exchange(path, label, context), answer, body)
        shown = [(name.decode(), value.decode()) for name, value in ended.headers if name.startswith(b"x-")]
        if ended.error is None:
            context.set_trailing_metadata(shown)
            return ended.answer.body
        context.set_code(status_code(ended.error))
        context.set_details(status_message(ended.error))
        context.set_trailing_metadata([*shown, *status_metadata(ended.error)])
        return b""

    async def _stream(
        self, bodies: AsyncIterable[bytes], context: grpc.aio.ServicerContext[Any, Any]
    ) -> AsyncIterator[bytes]:
        """Inference messages one after the other; an error is told in its message's place, and the next is answered."""
        async for body in bodies:
            # A task of its own, since the limit of time is one message's and not the stream's.
            one = self._end(self._exchange(_STREAM, "v2.infer", context), self._infer, body)
            ended = await asyncio.create_task(one)
            response = ModelStreamInferResponse()
            if ended.error is None:
                response.infer_response.MergeFromString(ended.answer.body)
            else:
                response.error_message = status_message(ended.error)
                response.infer_response.id = _id_of(body)
            yield response.SerializeToString()

    async def _end(
        self, exchange: Exchange, answer: Callable[[Exchange, bytes, str], Awaitable[Answer]], body: bytes
    ) -> _Ended:
        """Answer or refuse a call, count it and tell of it."""
        admission, responder, stats = self._admission, self._responder, self._state.stats
        request_id = _given_id(exchange.headers) or responder.request_id()
        task: asyncio.Task[Any] = asyncio.current_task()  # type: ignore[assignment] # a coroutine of a task's
        error: MillwrightError | None = None
        stats.in_flight += 1
        admission.tasks.add(task)
        try:
            try:
                found = await answer(exchange, body, request_id)
            except MillwrightError as refused:
                error, found = refused, responder.refusal(refused, exchange)
            except asyncio.CancelledError:
                error = admission.ended()
                found = responder.refusal(error, exchange)
            except Exception:
                logger.exception("Answering request %s failed", request_id)
                error = MillwrightError("The server failed to answer this request.", hint="Its log tells why.")
                found = responder.refusal(error, exchange)
            exchange.answer = found
            exchange.status = found.status
            return _Ended(found, error, responder.headers(found, exchange.call, request_id))
        except asyncio.CancelledError:  # the caller has left, or its deadline has passed
            exchange.status = _CLIENT_LEFT
            raise
        finally:
            admission.tasks.discard(task)
            stats.in_flight -= 1
            responder.tell(exchange, request_id)

    async def _infer(self, exchange: Exchange, body: bytes, request_id: str) -> Answer:
        self._admission.check()
        if len(body) > INLINE_BYTES:
            message = await asyncio.get_running_loop().run_in_executor(None, _parsed, body)
        else:
            message = _parsed(body)
        slot = self._state.slot(message.model_name)
        arm = self._state.arm(slot.lineup, message.model_version or None, exchange.headers, request_id)
        call = exchange.call = self._call(exchange, slot, arm, body, request_id)
        call.query = query_of(message)
        return await self._path.answer(Contract(partial(read_infer, message), write_infer), call)

    async def _ask(self, query: Query, exchange: Exchange, body: bytes, request_id: str) -> Answer:
        try:
            message = query.read(body)
        except DecodeError as error:
            raise _malformed(error) from None
        asked = query.body(message)
        model, version = getattr(message, "name", ""), getattr(message, "version", "")
        try:
            slot = self._state.slot(model or None)
            arm = self._state.arm(slot.lineup, version) if version else slot.lineup.primary
        except NotFoundError:
            if query.missing is None:
                raise
            answer = json_answer(query.missing)
        else:
            call = exchange.call = self._call(exchange, slot, arm, asked, request_id)
            answer = self._path.run(query.handler, call)
        answer.body, answer.status = query.write(answer.body), 200
        return answer

    def _call(self, exchange: Exchange, slot: ModelSlot, arm: Arm, body: bytes, request_id: str) -> Call:
        return Call(
            self._state,
            slot,
            arm,
            body=body,
            headers=exchange.headers,
            query=b"",
            request_id=request_id,
        )

    def _exchange(self, path: str, label: str, context: grpc.aio.ServicerContext[Any, Any]) -> Exchange:
        headers = [
            (name.encode(), value.encode() if isinstance(value, str) else value)
            for name, value in context.invocation_metadata() or ()
        ]
        exchange = Exchange(METHOD, path, headers, caller(context.peer()) if self._state.observers else None)
        exchange.label = label
        return exchange


def _parsed(body: bytes) -> Any:
    try:
        return ModelInferRequest.FromString(body)
    except DecodeError as error:
        raise _malformed(error) from None


def _malformed(error: DecodeError) -> MalformedRequestError:
    return MalformedRequestError(
        "Expected a message of the Open Inference Protocol, found bytes that are none.",
        hint="Make the client from the protocol's own description, open_inference_grpc.proto.",
        details={"found": str(error)},
    )


def _given_id(headers: Sequence[tuple[bytes, bytes]]) -> str:
    for name, value in headers:
        if name == b"x-request-id":
            return plain_id(value)
    return ""


def _id_of(body: bytes) -> str:
    """The id of an inference request that was refused; empty when it cannot be read."""
    try:
        return str(_parsed(body).id)
    except MalformedRequestError:
        return ""
