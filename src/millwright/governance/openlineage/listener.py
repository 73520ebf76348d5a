"""Hears what the bus says of runs; everything else happens in a thread of its own."""

from __future__ import annotations

import atexit
import logging
import queue
import threading
import time
from typing import TYPE_CHECKING, Protocol

from millwright.governance.openlineage.file_sink import FileSink
from millwright.governance.openlineage.http_sink import HttpSink

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.events import Event, EventBus
    from millwright.governance.openlineage.narrator import Narrator
    from millwright.governance.openlineage.options import OpenLineageOptions

logger = logging.getLogger(__name__)


class Sink(Protocol):
    """Where events go."""

    def send(self, body: bytes) -> None:
        """Take an event as JSON."""
        ...

    def close(self, limit_s: float) -> None:
        """Send what waits, for some seconds at most, and let go of everything."""
        ...


def open_sinks(options: OpenLineageOptions) -> list[Sink]:
    """What the options name; the file first, as it takes no time."""
    sinks: list[Sink] = []
    if options.file is not None:
        sinks.append(FileSink(options.file))
    if options.url:
        sinks.append(HttpSink(options))
    return sinks


class Listener:
    """Tells of runs as they happen, without holding them up.

    An event is queued, and nothing that goes wrong with it reaches the run. When too many wait, further ones are left
    out, and counted in a warning.

    Args:
        options: Where events go, and limits.
        narrator: Gives what turns our events into the standard's; asked once, in the thread.
    """

    def __init__(self, options: OpenLineageOptions, narrator: Callable[[], Narrator]) -> None:
        self._options = options
        self._narrator = narrator
        self._queue: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._sinks: list[Sink] = []
        self._failed: set[str] = set()
        self._dropped = 0
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def subscribe(self, events: EventBus) -> None:
        """Listen to a bus."""
        events.subscribe("*", self.hear)

    def hear(self, event: Event) -> None:
        """Take note of an event of a run or step; others are none of ours."""
        if not event.type.startswith(("pipeline.", "step.")):
            return
        with self._lock:
            if self._queue.qsize() >= self._options.queue_size:
                self._dropped += 1
                return
            self._queue.put(event)
            if self._thread is None:
                self._sinks = open_sinks(self._options)
                self._thread = threading.Thread(target=self._work, name="openlineage", daemon=True)
                self._thread.start()
                # For those who never close their workspace: before the interpreter stops daemons.
                atexit.register(self.close)

    def close(self) -> None:
        """Tell what was heard, for as long as the options allow, and stop; what was never heard from costs nothing."""
        with self._lock:
            thread, self._thread = self._thread, None
            if thread is None:
                return
            self._queue.put(None)
        atexit.unregister(self.close)
        give_up = time.monotonic() + self._options.flush_s
        thread.join(self._options.flush_s)
        if thread.is_alive() or self._dropped:
            count = self._queue.qsize() + self._dropped
            logger.warning("OpenLineage: %d events of runs could not be told in time.", count)
        for sink in self._sinks:
            sink.close(max(0.0, give_up - time.monotonic()))

    def _work(self) -> None:
        narrator = None
        while (event := self._queue.get()) is not None:
            try:
                narrator = narrator or self._narrator()
                bodies = [told.encoded() for told in narrator.tell(event)]
            except Exception as error:  # noqa: BLE001 - whatever it is, the run has nothing to do with it
                self._warn(f"{event.type} could not be told ({type(error).__name__}: {error})")
                continue
            for sink in self._sinks:
                for body in bodies:
                    self._send(sink, body)

    def _send(self, sink: Sink, body: bytes) -> None:
        try:
            sink.send(body)
        except Exception as error:  # noqa: BLE001 - as above
            self._warn(f"an event could not be written ({type(error).__name__}: {error})")

    def _warn(self, what: str) -> None:
        """Say what went wrong, each thing once."""
        if what not in self._failed:
            self._failed.add(what)
            logger.warning("OpenLineage: %s.", what)
