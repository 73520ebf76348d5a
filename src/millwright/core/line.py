"""What a parent and its worker say to each other: small JSON objects over a pair of sockets."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import threading
from typing import Any

logger = logging.getLogger(__name__)

_PIECE = 65_536


class Line:
    """One end; the other process has the other one.

    `tell` may be called from any thread, `read` from one at a time. What was told before an end is closed arrives.

    Args:
        connection: A connected stream socket; the line closes it.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._rest = b""
        self._lock = threading.Lock()

    @classmethod
    def pair(cls) -> tuple[Line, Line]:
        """Two ends that belong together."""
        first, second = socket.socketpair()
        return cls(first), cls(second)

    def fileno(self) -> int:
        """For `select`; -1 when closed."""
        return self._connection.fileno()

    def tell(self, **message: Any) -> None:
        """Say something. Never waits: one that has gone, or that has not listened for long, is told nothing.

        Args:
            message: JSON values, a few hundred bytes.
        """
        content = json.dumps(message).encode() + b"\n"
        try:
            with self._lock:
                self._connection.send(content, socket.MSG_DONTWAIT)
        except BlockingIOError:
            logger.warning("A process that does not listen was not told: %s", message)
        except OSError:  # it has ended, which its reader finds out
            pass

    def read(self) -> list[dict[str, Any]] | None:
        """What was said since; waits until something is.

        Returns:
            Whole messages, in their order, perhaps none yet; None when the other process has ended.
        """
        try:
            piece = self._connection.recv(_PIECE)
        except OSError:
            return None
        if not piece:
            return None
        *whole, self._rest = (self._rest + piece).split(b"\n")
        return [json.loads(each) for each in whole]

    def close(self) -> None:
        """Close this end in this process; a reader in another thread returns."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()

    def forget(self) -> None:
        """Close a copy that a fork has made, which leaves the line open for those to whom it belongs."""
        self._connection.close()
