"""Takes connections from a socket that several processes share, so that each gets its part of them.

The event loop's own way empties the queue of the socket in one go: of callers that come together, all would stay with
the process that woke first, and callers keep their connections. Here a process takes one at a time, and one that has
more connections than another waits a moment first. A process that is busy loses nothing by that: the others wait some
milliseconds at most, and nobody waits for a process that has died, as with a queue for each (SO_REUSEPORT).
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

logger = logging.getLogger(__name__)

_STEP_S = 0.001
_MOST_STEPS = 5
_TROUBLE_S = 0.1


class Acceptor:
    """Stands where asyncio's `Server` does.

    Args:
        listener: A listening socket, not blocking.
        make: Makes the protocol of a connection.
        ahead: How many connections this process has more than the one that has fewest.

    Attributes:
        sockets: The socket, while connections are taken.
    """

    def __init__(self, listener: socket.socket, make: Callable[[], asyncio.Protocol], ahead: Callable[[], int]) -> None:
        self._listener = listener
        self._make = make
        self._ahead = ahead
        self._loop = asyncio.get_running_loop()
        self._opening: set[asyncio.Task[object]] = set()
        self._pause: asyncio.TimerHandle | None = None
        self.sockets: tuple[socket.socket, ...] = (listener,)
        self._watch()

    @property
    def opening(self) -> int:
        """Connections that were taken and have no protocol yet."""
        return len(self._opening)

    def is_serving(self) -> bool:
        """Whether connections are taken."""
        return bool(self.sockets)

    def close(self) -> None:
        """Take no more; those that were taken stay."""
        if self.sockets:
            self.sockets = ()
            if self._pause is None:
                self._loop.remove_reader(self._listener.fileno())
            else:
                self._pause.cancel()

    async def wait_closed(self) -> None:
        """Until those that were taken have their protocols."""
        if self._opening:
            await asyncio.wait(self._opening)

    def _watch(self) -> None:
        self._pause = None
        self._loop.add_reader(self._listener.fileno(), self._look)

    def _look(self) -> None:
        ahead = self._ahead()
        if ahead <= 0:
            self._take()
            return
        self._loop.remove_reader(self._listener.fileno())
        self._pause = self._loop.call_later(_STEP_S * min(ahead, _MOST_STEPS), self._take_and_watch)

    def _take_and_watch(self) -> None:
        self._watch()
        self._take()

    def _take(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, ConnectionError):  # another process was faster, or the caller has gone
            return
        except OSError as error:  # too many open files: the caller waits until there are fewer
            logger.warning("A connection cannot be taken: %s", error)
            self._loop.remove_reader(self._listener.fileno())
            self._pause = self._loop.call_later(_TROUBLE_S, self._watch)
            return
        connection.setblocking(False)
        task: asyncio.Task[object] = self._loop.create_task(self._loop.connect_accepted_socket(self._make, connection))
        self._opening.add(task)
        task.add_done_callback(self._opened)

    def _opened(self, task: asyncio.Task[object]) -> None:
        self._opening.discard(task)
        if not task.cancelled() and task.exception() is not None:  # the caller has gone already
            logger.debug("A connection was lost at once: %s", task.exception())
