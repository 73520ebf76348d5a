"""One request while it is being answered."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.deployment.realtime.arm import Arm
    from millwright.deployment.realtime.model_slot import ModelSlot
    from millwright.deployment.realtime.served_model import ServedModel
    from millwright.deployment.realtime.serving_state import ServingState


class Call:
    """What was asked, and the model that answers it from start to end.

    A plain slotted class, since one is made per request. The model is chosen once, when the body has arrived: a swap
    meanwhile does not touch a call.

    Attributes:
        slot: The endpoint that was asked.
        lineup: Its arms when the call began; whoever chose the arm from another one says so.
        arm: The part of its line-up that answers.
        served: The arm's model version.
        state: What the whole process serves.
        body: The request's body; empty for GET.
        headers: Lower-case names and values as received.
        query: What follows the path's question mark, as received; empty when nothing does.
        request_id: The caller's `x-request-id`, or a new id.
        received: `time.perf_counter()` when it was made: the last byte of the body has arrived, in seconds.
    """

    __slots__ = ("arm", "body", "headers", "lineup", "query", "received", "request_id", "served", "slot", "state")

    def __init__(
        self,
        state: ServingState,
        slot: ModelSlot,
        arm: Arm,
        *,
        body: bytes,
        headers: Sequence[tuple[bytes, bytes]],
        query: bytes,
        request_id: str,
    ) -> None:
        self.state = state
        self.slot = slot
        self.lineup = slot.lineup
        self.arm = arm
        self.served: ServedModel = arm.served
        self.body = body
        self.headers = headers
        self.query = query
        self.request_id = request_id
        self.received = perf_counter()

    def header(self, name: bytes) -> bytes:
        """The first value of a header, by lower-case name; empty when absent."""
        for key, value in self.headers:
            if key == name:
                return value
        return b""
