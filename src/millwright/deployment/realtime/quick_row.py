"""The shortest way: a bare row for the plain contract, to a model that answers single rows.

It does what `InferencePath` does for any request, for this one shape: no list of rows, no mapping per row, and the
log gets the very objects that the answer is made from.
"""

from __future__ import annotations

from time import perf_counter, time
from typing import TYPE_CHECKING, cast

import msgspec

from millwright.core.clock import SystemClock
from millwright.core.ids import IdSource

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.ids import PredictionId
    from millwright.deployment.realtime.model_slot import ModelSlot
    from millwright.deployment.realtime.served_model import ServedModel
    from millwright.deployment.realtime.serving_state import ServingState

_encode = msgspec.json.Encoder().encode
_values = msgspec.structs.astuple


class QuickRow:
    """Answers bare rows. For the event loop's thread; a process that forks makes its own behind the fork.

    Args:
        state: What the process serves.
    """

    __slots__ = ("_new_id", "_now", "_state")

    def __init__(self, state: ServingState) -> None:
        self._state = state
        self._new_id = cast("Callable[[int], PredictionId]", IdSource().new)
        # The system's clock without a datetime between, which costs ten times as much.
        self._now: Callable[[], float] = time if type(state.clock) is SystemClock else self._clock_time

    def _clock_time(self) -> float:
        return self._state.clock.now().timestamp()

    def answer(
        self, slot: ModelSlot, served: ServedModel, body: bytes, request_id: str, received: float
    ) -> tuple[bytes, str, float] | None:
        """Answer a body, count and log the prediction.

        Args:
            slot: The endpoint that was asked.
            served: The version that answers.
            body: The request's.
            request_id: The caller's, or the server's own.
            received: `time.perf_counter()` when the body had come, in seconds.

        Returns:
            The answer's body, the prediction's id and the seconds that it took; None when the body is something else
            than one object that surely fits, or the model cannot answer it here and now. Nothing is counted or logged
            then.
        """
        single = served.single
        if single is None:
            return None
        row = served.rows.single(body)
        if row is None:
            return None
        values = _values(row)
        try:
            outputs = single.predict(values)
        except Exception:  # noqa: BLE001 - the long way meets it again, and tells of it
            return None
        if outputs is None:
            return None
        state = self._state
        # The log finds a prediction by the time in its id, so that both come from the same clock.
        at_s = self._now()
        identifier = self._new_id(int(at_s * 1e3))
        text = _encode(outputs)
        state.stats.count_predictions(served.name, served.version, 1)
        seconds = perf_counter() - received
        log = state.log
        if log is not None:
            log.offer_row(
                served.log_sources[slot.endpoint],
                (identifier, at_s, seconds, request_id, None, values, outputs),
            )
        return b'%b,"prediction_id":"%b"}' % (text[:-1], identifier.encode("ascii")), identifier, seconds
