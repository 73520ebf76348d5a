"""Who is told of each request that was answered: an access log, traces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from millwright.deployment.realtime.arm import Arm
from millwright.deployment.realtime.prediction import Prediction


@dataclass(kw_only=True, slots=True)
class Observed:
    """One request with its answer; made only where somebody observes.

    Attributes:
        method: The HTTP method, or `RPC`.
        path: As the caller wrote it.
        label: The route's name, as in metrics.
        headers: The request's: lower-case names and values as received.
        client: `host:port` of the caller; empty when unknown.
        request_id: The caller's, or the server's own.
        status: The HTTP status of the answer; 499 when the caller left before it had one.
        seconds: From the request's first byte to its answer.
        ended: Seconds since 1970 when it was answered.
        size: Bytes of the answer's body.
        error: The error's code; empty when it was answered.
        arm: What answers; None when the request was refused before a model was chosen for it.
        endpoint: The endpoint that was asked; empty likewise.
        body_size: Bytes of the request's body; 0 likewise.
        prediction: What was predicted; None when nothing was.
        trace_id: The trace that the request belongs to, as 32 hexadecimal digits; empty when that is not known.
    """

    method: str
    path: str
    label: str
    headers: Sequence[tuple[bytes, bytes]]
    client: str
    request_id: str
    status: int
    seconds: float
    ended: float
    size: int
    error: str
    arm: Arm | None
    endpoint: str
    body_size: int
    prediction: Prediction | None
    trace_id: str = ""


class Observer(Protocol):
    """Is told of requests, in the event loop: it must be quick, and must not raise."""

    def answered(self, observed: Observed) -> None:
        """A request has been answered."""
        ...

    def close(self) -> None:
        """The server has ended: write what is held."""
        ...
