"""The short way of a small request for predictions: answered within the parser's callback, as the bytes to send.

Between a complete body and its answer no task, no ASGI message and no second write to the socket are needed where the
model is quick. Whatever is not plain goes the way of all requests, through `RealtimeApp`, and is answered alike.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from time import perf_counter
from typing import TYPE_CHECKING

from millwright.core.errors import MillwrightError, NotFoundError
from millwright.deployment.realtime.answer import JSON
from millwright.deployment.realtime.call import Call
from millwright.deployment.realtime.contract import Contract
from millwright.deployment.realtime.exchange import Exchange
from millwright.deployment.realtime.inference import INLINE_BYTES
from millwright.deployment.realtime.quick_row import QuickRow
from millwright.deployment.realtime.request_head import plain_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.deployment.realtime.admission import Admission
    from millwright.deployment.realtime.answer import Answer
    from millwright.deployment.realtime.inference import InferencePath
    from millwright.deployment.realtime.responder import Responder
    from millwright.deployment.realtime.route import Router
    from millwright.deployment.realtime.serving_state import ServingState

logger = logging.getLogger(__name__)

_MOST_URLS = 256
_MOST_HEADS = 256
# They differ from request to request: heads with these are not worth remembering.
_OWN = frozenset((b"x-request-id", b"traceparent"))
_OK = 200
_STATUS = {each.value: f"HTTP/1.1 {each.value} {each.phrase}\r\n".encode() for each in HTTPStatus}
# A request with one of these is not plain.
_SPECIAL = frozenset((b"content-encoding", b"expect", b"transfer-encoding", b"upgrade", b"connection"))
# An answer with one prediction, which nearly all are; `Responder.headers` tells the same.
_ONE = (
    b"HTTP/1.1 200 OK\r\n%bcontent-type: %b\r\ncontent-length: %d\r\nx-request-id: %b\r\n"
    b"%bx-model-version: %b\r\nx-prediction-id: %b\r\n\r\n%b"
)


class Quick:
    """A path whose POST may be answered at once.

    Attributes:
        path: As text.
        contract: What reads and writes.
        label: The route's name in metrics.
        model: What the path names; None for the first model.
        version: Likewise; None for whichever answers.
    """

    __slots__ = ("contract", "label", "model", "path", "version")

    def __init__(self, path: str, contract: Contract, label: str, model: str | None, version: str | None) -> None:
        self.path = path
        self.contract = contract
        self.label = label
        self.model = model
        self.version = version


class KnownHead:
    """The head of a request that was answered at once.

    Attributes:
        quick: What its target asks for.
        length: The body's, in bytes.
    """

    __slots__ = ("length", "quick")

    def __init__(self, quick: Quick, length: int) -> None:
        self.quick = quick
        self.length = length


class QuickPath:
    """Answers requests at once where that is possible.

    Args:
        state: What the process serves.
        path: Answers calls.
        router: Finds routes.
        responder: Ends requests.
        admission: Tells when the server has too much to do.
        max_body_bytes: Largest body.

    Attributes:
        known: Heads of requests that were answered at once, by their bytes up to the empty line: callers send the same
            again and again.
    """

    def __init__(
        self,
        state: ServingState,
        path: InferencePath,
        *,
        router: Router,
        responder: Responder,
        admission: Admission,
        max_body_bytes: int,
    ) -> None:
        self._state = state
        self._path = path
        self._router = router
        self._responder = responder
        self._admission = admission
        self._limit = min(INLINE_BYTES, max_body_bytes)
        self._row = QuickRow(state)
        self._targets: dict[bytes, Quick | None] = {}
        self.known: dict[bytes, KnownHead] = {}
        # The server's own headers (the date), as they are sent; they change once a second.
        self._common: Sequence[tuple[bytes, bytes]] | None = None
        self._common_lines = b""

    def find(self, url: bytes, headers: Mapping[bytes, bytes]) -> Quick | None:
        """Whether a POST may be answered at once, from its head.

        Args:
            url: The request's target as sent.
            headers: Each name once.

        Returns:
            What to answer it with when the body is complete; None when it goes the way of all.
        """
        try:
            quick = self._targets[url]
        except KeyError:
            quick = self._look(url)
        if quick is None or self._path.durable or self._state.draining:
            return None
        length = headers.get(b"content-length", b"")
        if (
            headers.get(b"content-type") != b"application/json"
            or not length.isdigit()
            or int(length) > self._limit
            or not _SPECIAL.isdisjoint(headers)
            or self._admission.is_full
        ):
            return None
        return quick

    def remember(self, head: bytes, quick: Quick, headers: Sequence[tuple[bytes, bytes]], length: int) -> None:
        """Remember the head of a request that was answered at once.

        Args:
            head: Its bytes, with the empty line.
            quick: What `find` gave for it.
            headers: What it says, with names in lower case.
            length: The body's, in bytes.
        """
        if quick.contract.is_plain and _OWN.isdisjoint([name for name, _ in headers]):
            if len(self.known) >= _MOST_HEADS:
                self.known.clear()
            self.known[head] = KnownHead(quick, length)

    def answer_known(self, known: KnownHead, body: bytes, common: Sequence[tuple[bytes, bytes]]) -> bytes | None:
        """Answer a bare row behind a head that has come before.

        Args:
            known: The head.
            body: All of it.
            common: The server's own headers of every answer.

        Returns:
            As `answer`; None for whatever needs a closer look, of which nothing is counted or logged then.
        """
        state = self._state
        if self._path.durable or self._admission.is_full or state.observers:
            return None
        return self._row_content(known.quick, body, self._responder.request_id(), common)

    def answer(
        self,
        quick: Quick,
        headers: Sequence[tuple[bytes, bytes]],
        given_id: bytes | None,
        body: bytes,
        client: tuple[str, int] | None,
        common: Sequence[tuple[bytes, bytes]],
    ) -> bytes | None:
        """Answer a request.

        Args:
            quick: What `find` gave.
            headers: Lower-case names and values as received.
            given_id: The header `x-request-id`; None when it is absent.
            body: All of it.
            client: The caller's address and port.
            common: The server's own headers of every answer.

        Returns:
            Status line, headers and body; None when the model that answers takes longer, or the server ends.
        """
        state, responder = self._state, self._responder
        request_id = (given_id is not None and plain_id(given_id)) or responder.request_id()
        if quick.contract.is_plain and not state.observers:
            content = self._row_content(quick, body, request_id, common)
            if content is not None:
                return content
        exchange = Exchange("POST", quick.path, headers, client)
        exchange.label = quick.label
        try:
            slot = state.slot(quick.model)
            lineup = slot.lineup
            if quick.version is None and lineup.chooser is None:
                arm = lineup.primary
            else:
                arm = state.arm(lineup, quick.version, headers, request_id)
            if not arm.served.is_quick or state.draining:
                return None
            exchange.call = call = Call(state, slot, arm, body=body, headers=headers, query=b"", request_id=request_id)
            call.lineup = lineup
            answer = self._path.run(quick.contract, call)
            if answer.prediction is not None:
                self._path.keep(answer.prediction)
        except MillwrightError as error:
            answer = responder.refusal(error, exchange)
        exchange.status = answer.status
        content = self._content(answer, exchange.call, request_id, common)
        exchange.answer = answer
        try:
            responder.tell(exchange, request_id)
        except Exception:  # the request is answered, whatever an observer does
            logger.exception("An observer of requests failed")
        return content

    def _row_content(
        self, quick: Quick, body: bytes, request_id: str, common: Sequence[tuple[bytes, bytes]]
    ) -> bytes | None:
        """The answer to a bare row where one version answers all, and nobody looks on."""
        started = perf_counter()
        state = self._state
        slot = state.slots[0] if quick.model is None else state.slot(quick.model)
        lineup = slot.lineup
        served = lineup.primary.served
        if (
            quick.version is not None
            or lineup.chooser is not None
            or lineup.mirror is not None
            or not served.is_quick
            or state.draining
        ):
            return None
        answered = self._row.answer(slot, served, body, request_id, started)
        if answered is None:
            return None
        if common is not self._common:
            self._take_common(common)
        content, identifier, seconds = answered
        state.stats.observe(quick.label, "POST", _OK, seconds)
        return _ONE % (
            self._common_lines,
            JSON,
            len(content),
            request_id.encode("ascii"),
            b"",
            served.ref_header,
            identifier.encode("ascii"),
            content,
        )

    def _take_common(self, common: Sequence[tuple[bytes, bytes]]) -> None:
        self._common = common
        self._common_lines = b"".join([b"%b: %b\r\n" % each for each in common])

    def _content(
        self, answer: Answer, call: Call | None, request_id: str, common: Sequence[tuple[bytes, bytes]]
    ) -> bytes:
        if common is not self._common:
            self._take_common(common)
        prediction = answer.prediction
        if answer.status == _OK and call is not None and prediction is not None and len(prediction.ids) == 1:
            return _ONE % (
                self._common_lines,
                answer.content_type,
                len(answer.body),
                request_id.encode("ascii"),
                b"".join([b"%b: %b\r\n" % each for each in answer.headers]) if answer.headers else b"",
                call.served.ref_header,
                prediction.ids[0].encode("ascii"),
                answer.body,
            )
        lines = [b"%b: %b\r\n" % each for each in self._responder.headers(answer, call, request_id)]
        return b"".join([_STATUS[answer.status], self._common_lines, *lines, b"\r\n", answer.body])

    def _look(self, url: bytes) -> Quick | None:
        """What a target asks for; remembered, as far as there are not too many of them."""
        quick = None
        if url.startswith(b"/") and url.isascii() and not any(mark in url for mark in b"%?#"):
            path = url.decode("ascii")
            try:
                match = self._router.find(path)
            except NotFoundError:
                pass
            else:
                handler = match.route.handlers.get("POST")
                if isinstance(handler, Contract):
                    quick = Quick(path, handler, match.route.label, match.model, match.version)
        if len(self._targets) < _MOST_URLS:
            self._targets[url] = quick
        return quick
