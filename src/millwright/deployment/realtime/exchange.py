"""What is known of a request while it is answered, whichever way it goes."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.deployment.realtime.answer import Answer
    from millwright.deployment.realtime.call import Call

NO_ROUTE = "none"


class Exchange:
    """One request and what became of it. A plain slotted class, since one is made per request.

    Args:
        method: The HTTP method.
        path: Without what follows the question mark.
        headers: Lower-case names and values as received.
        client: The caller's address and port; None when they are not known.

    Attributes:
        started: `time.perf_counter()` when the request came, in seconds.
        label: The route's name in metrics; `none` before a route is found.
        status: The answer's; 0 before there is one.
        error: The error's code; empty without one.
        call: What was asked; None before a model was chosen.
        answer: What was sent; None before that, and when the caller had left.
    """

    __slots__ = ("answer", "call", "client", "error", "headers", "label", "method", "path", "started", "status")

    def __init__(
        self, method: str, path: str, headers: Sequence[tuple[bytes, bytes]], client: tuple[str, int] | None
    ) -> None:
        self.method = method
        self.path = path
        self.headers = headers
        self.client = client
        self.started = perf_counter()
        self.label = NO_ROUTE
        self.status = 0
        self.error = ""
        self.call: Call | None = None
        self.answer: Answer | None = None
