"""uvicorn, made to tell when it takes requests, and to leave the end of the process to its caller."""

from __future__ import annotations

import asyncio
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import uvicorn

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from millwright.server.asgi import App

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_STOP_POLL_S = 0.05
_KEEP_ALIVE_S = 75  # longer than clients keep a connection in their pools: it is they who close it


class ControlServer(uvicorn.Server):
    """Runs the application on one socket until it is asked to stop.

    Args:
        app: The application.
        drain_s: How long requests in flight may take when it stops, in seconds.
        started: Called once the socket takes connections, in the event loop.
    """

    def __init__(self, app: App, *, drain_s: float, started: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=_protocol(),
                ws="none",
                lifespan="on",
                interface="asgi3",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=_KEEP_ALIVE_S,
                timeout_graceful_shutdown=max(1, round(drain_s)),
            )
        )
        self._tell_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take connections."""
        await super().startup(sockets)
        if self.started:
            self._tell_started()

    def run_until(self, listener: socket.socket, stop: threading.Event | None) -> None:
        """Serve a bound socket until a signal comes or the event is set."""
        with asyncio.Runner(loop_factory=self.config.get_loop_factory()) as runner:
            runner.run(self._serve_until(listener, stop))

    async def _serve_until(self, listener: socket.socket, stop: threading.Event | None) -> None:
        watching = asyncio.create_task(self._watch(stop)) if stop is not None else None
        try:
            await self.serve([listener])
        finally:
            if watching is not None:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)

    async def _watch(self, stop: threading.Event) -> None:
        while not stop.is_set():  # noqa: ASYNC110 - it is a thread that sets this event
            await asyncio.sleep(_STOP_POLL_S)
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals that ask for an end; uvicorn's own way raises them again when it has stopped."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _protocol() -> type[asyncio.Protocol] | Literal["auto"]:
    try:
        from millwright.server.http_protocol import BoundedProtocol
    except ImportError:  # no httptools, as on Windows: the other parser has bounds of its own
        return "auto"
    return BoundedProtocol
