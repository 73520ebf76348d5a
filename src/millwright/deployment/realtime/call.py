"""One request while it is being answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.deployment.realtime.served_model import ServedModel
    from millwright.deployment.realtime.serving_state import ServingState


class Call:
    """What was asked, and the model that answers it from start to end.

    A plain slotted class, since one is made per request. The model is chosen once, when the body has arrived: a swap
    meanwhile does not touch a call.

    Attributes:
        served: The model version that answers.
        state: What the whole process serves.
        body: The request's body; empty for GET.
        headers: Lower-case names and values as received.
        query: What follows the path's question mark, as received; empty when nothing does.
        request_id: The caller's `x-request-id`, or a new id.
        received: `time.perf_counter()` when the last byte of the body had arrived, in seconds.
    """

    __slots__ = ("body", "headers", "query", "received", "request_id", "served", "state")

    def __init__(
        self,
        state: ServingState,
        served: ServedModel,
        *,
        body: bytes,
        headers: Sequence[tuple[bytes, bytes]],
        query: bytes,
        request_id: str,
        received: float,
    ) -> None:
        self.state = state
        self.served = served
        self.body = body
        self.headers = headers
        self.query = query
        self.request_id = request_id
        self.received = received

    def header(self, name: bytes) -> bytes:
        """The first value of a header, by lower-case name; empty when absent."""
        for key, value in self.headers:
            if key == name:
                return value
        return b""
