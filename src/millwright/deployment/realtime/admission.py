"""Limits of what a process takes on at once, so that an overload is told quickly in place of queueing without bound."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from millwright.core.errors import OverloadedError, RequestTimeoutError

if TYPE_CHECKING:
    from typing import Any


class Admission:
    """Counts the requests that wait or are answered at present, and ends those that take too long.

    What waits is seen in the tasks of the HTTP server, one for each request that has come and is not answered: that
    costs a request nothing.

    Args:
        most: Most requests at once that want a prediction; what comes beyond is refused.
        seconds: Longest time from a request's first byte to its answer; 0 for no limit.

    Attributes:
        tasks: The HTTP server's; it is set by whoever runs it. Those that answer gRPC calls add themselves.
    """

    def __init__(self, most: int = 1_000, seconds: float = 0.0) -> None:
        self._most = most
        self._seconds = seconds
        self.tasks: set[asyncio.Task[Any]] = set()
        self._seen: dict[asyncio.Task[Any], float] = {}
        self._ended: set[asyncio.Task[Any]] = set()

    @property
    def is_full(self) -> bool:
        """Whether one request more would be too many."""
        return len(self.tasks) >= self._most

    def check(self) -> None:
        """Refuse a request that comes while too many others are there.

        Raises:
            OverloadedError: It does.
        """
        if len(self.tasks) > self._most:
            # Who is refused makes room at once: of many that come in one turn of the loop, the others are admitted.
            task = asyncio.current_task()
            if task is not None:
                self.tasks.discard(task)
            raise OverloadedError(
                f"This server is overloaded: it takes {self._most:,} requests at once.",
                hint="Try again after the time that the header Retry-After tells.",
                details={"maximum": self._most},
            )

    def look(self, now: float) -> None:
        """End the requests that have taken too long; called some times a second, in the event loop.

        Args:
            now: Seconds of a clock that never goes back.
        """
        if not self._seconds:
            return
        # A task is first seen up to one look after it began: a request gets so much more time, never less.
        self._seen = {task: self._seen.get(task, now) for task in self.tasks}
        self._ended &= self._seen.keys()
        for task, since in self._seen.items():
            if now - since > self._seconds and task not in self._ended:
                self._ended.add(task)
                task.cancel()

    def ended(self) -> RequestTimeoutError:
        """What to tell the caller of the present task, which was cancelled.

        Raises:
            CancelledError: It was not cancelled for its time.
        """
        task = asyncio.current_task()
        if task not in self._ended:
            raise asyncio.CancelledError
        return RequestTimeoutError(
            f"The request took more than the {self._seconds:g} s that this server gives one.",
            hint="Send fewer rows in one request, or predict a file with: mw predict",
            details={"seconds": self._seconds},
        )
