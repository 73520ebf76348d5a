"""What all requests share at their end: the refusal, the headers, the counters and the observers."""

from __future__ import annotations

from itertools import count
from time import perf_counter, time
from typing import TYPE_CHECKING

from millwright.core.ids import new_id
from millwright.deployment.realtime.answer import Answer, error_answer
from millwright.deployment.realtime.observer import Observed

if TYPE_CHECKING:
    from millwright.core.errors import MillwrightError
    from millwright.deployment.realtime.call import Call
    from millwright.deployment.realtime.exchange import Exchange
    from millwright.deployment.realtime.serving_state import ServingState

_HEADER_IDS = 16


class Responder:
    """Ends requests.

    Args:
        state: What the process serves.
    """

    def __init__(self, state: ServingState) -> None:
        self._state = state
        # A caller that names no request gets the process's id and a number: cheaper than a random id each time.
        self._process = new_id()[:20]
        self._number = count(1)

    def request_id(self) -> str:
        """The id of a request whose caller gave none."""
        return f"{self._process}{next(self._number):012x}"

    def refusal(self, error: MillwrightError, exchange: Exchange) -> Answer:
        """The answer to a request that failed; it is counted."""
        exchange.error = error.code
        stats = self._state.stats
        stats.count_error(exchange.label, error.code)
        if exchange.call is not None and "violations" in error.details:
            stats.count_refused_values(exchange.call.slot.endpoint, error.details["violations"])
        return error_answer(error, exchange.path)

    def headers(self, answer: Answer, call: Call | None, request_id: str) -> list[tuple[bytes, bytes]]:
        """The headers of an answer, in the order in which they are sent."""
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

    def tell(self, exchange: Exchange, request_id: str) -> None:
        """Count a request that was answered, and tell the observers."""
        call, status = exchange.call, exchange.status
        seconds = perf_counter() - exchange.started
        self._state.stats.observe(exchange.label, exchange.method, status, seconds)
        if call is not None and call.lineup.chooser is not None:
            call.arm.count(status, seconds)
        if not self._state.observers:
            return
        answer, client = exchange.answer, exchange.client
        observed = Observed(
            method=exchange.method,
            path=exchange.path,
            label=exchange.label,
            headers=exchange.headers,
            client=f"{client[0]}:{client[1]}" if client else "",
            request_id=request_id,
            status=status,
            seconds=seconds,
            ended=time(),
            size=0 if answer is None else len(answer.body),
            error=exchange.error,
            arm=None if call is None else call.arm,
            endpoint="" if call is None else call.slot.endpoint,
            body_size=0 if call is None else len(call.body),
            prediction=None if answer is None else answer.prediction,
        )
        for observer in self._state.observers:
            observer.answered(observed)
