"""Events sent to an address, in the background."""

from __future__ import annotations

import http.client
import logging
import random
import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from millwright.core.credential import without_credentials
from millwright.version import __version__

if TYPE_CHECKING:
    from millwright.governance.openlineage.options import OpenLineageOptions

logger = logging.getLogger(__name__)

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 30.0
# A receiver that fails on one event whatever happens must not keep the others waiting for ever.
_MOST_ANSWERED_TRIES = 8
_WORTH_ANOTHER_TRY = frozenset({408, 425, 429, 500, 502, 503, 504})


class HttpSink:
    """Posts events in their order over one connection, each until it is taken or refused for good.

    Args:
        options: Address, token and limits.
    """

    def __init__(self, options: OpenLineageOptions) -> None:
        self._options = options
        self._shown = without_credentials(options.url)
        self._waiting: deque[bytes] = deque()
        self._changed = threading.Condition()
        self._closing = self._given_up = False
        self._dropped = self._tries = 0
        self._told: set[str] = set()
        self._connection: http.client.HTTPConnection | None = None
        # At once: Python starts no thread any more when it is about to end.
        self._thread = threading.Thread(target=self._work, name="openlineage-http", daemon=True)
        self._thread.start()

    def send(self, body: bytes) -> None:
        """Have an event sent; when too many wait, it is left out and counted."""
        with self._changed:
            if len(self._waiting) >= self._options.queue_size:
                self._dropped += 1
                return
            self._waiting.append(body)
            self._changed.notify_all()

    def close(self, limit_s: float) -> None:
        """Wait until everything is sent, but not longer than some seconds; what is left then is told in a warning."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(limit_s)
        with self._changed:
            self._given_up = True
            self._changed.notify_all()
            left = len(self._waiting) + self._dropped
        if left:
            logger.warning("OpenLineage: %d events could not be sent to %s.", left, self._shown)

    def _work(self) -> None:
        wait_s = _FIRST_WAIT_S
        while (body := self._next()) is not None:
            asked_s = self._attempt(body)
            with self._changed:
                if asked_s is None:
                    self._waiting.popleft()
                    self._tries, wait_s = 0, _FIRST_WAIT_S
                    continue
                # Spread, so that many that lost the same server don't come back together.
                pause = max(asked_s, wait_s * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
                wait_s = min(_LONGEST_WAIT_S, wait_s * 2)
                if self._closing:  # little time is left: no long pauses any more
                    self._changed.wait_for(lambda: self._given_up, min(pause, _FIRST_WAIT_S))
                else:
                    self._changed.wait_for(lambda: self._closing, pause)
        self._disconnect()

    def _next(self) -> bytes | None:
        """The event to send; None when there is none and none will come."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            return self._waiting[0] if self._waiting and not self._given_up else None

    def _attempt(self, body: bytes) -> float | None:
        """Send an event once.

        Returns:
            None when it is done with, whether it was taken or refused; otherwise for how many seconds the receiver
            wants to be left alone.
        """
        try:
            status, retry_after_s = self._post(body)
        except (OSError, http.client.HTTPException) as error:
            self._disconnect()
            self._warn(f"cannot be reached ({type(error).__name__}: {error}); trying again")
            return 0.0
        self._tries += 1
        if status in _WORTH_ANOTHER_TRY and self._tries < _MOST_ANSWERED_TRIES:
            self._warn(f"answered {status}; trying again")
            return retry_after_s
        if not 200 <= status < 300:
            self._warn(f"refused an event with {status}; it is left out")
        return None

    def _post(self, body: bytes) -> tuple[int, float]:
        parts = urlsplit(self._options.url)
        if self._connection is None:
            kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
            self._connection = kind(parts.hostname or "", parts.port, timeout=self._options.timeout_s)
        headers = {"Content-Type": "application/json", "User-Agent": f"millwright/{__version__}"}
        if self._options.api_key:
            headers["Authorization"] = f"Bearer {self._options.api_key}"
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        self._connection.request("POST", path, body=body, headers=headers)
        response = self._connection.getresponse()
        response.read(1 << 20)
        if not response.isclosed():  # a body without end: not worth waiting for
            self._disconnect()
        return response.status, _seconds(response.getheader("Retry-After"))

    def _disconnect(self) -> None:
        if self._connection is not None:
            with suppress(OSError):
                self._connection.close()
            self._connection = None

    def _warn(self, what: str) -> None:
        """Say what is wrong, each thing once."""
        if what not in self._told:
            self._told.add(what)
            logger.warning("OpenLineage: %s %s.", self._shown, what)


def _seconds(text: str | None) -> float:
    return min(float(text), _LONGEST_WAIT_S) if text and text.isascii() and text.isdigit() and len(text) < 8 else 0.0
