"""uvicorn, made to end gracefully and to leave the end of the process to us."""

from __future__ import annotations

import asyncio
import signal
import threading
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from types import FrameType

    from millwright.deployment.realtime.app import RealtimeApp
    from millwright.deployment.realtime.rpc.server import RpcServer
    from millwright.deployment.realtime.serving_state import ServingState

# From the wish to stop until the socket closes: in this time each answer tells its caller to close the connection, so
# that busy connections end between two requests and not in one. After that, time for those that came last to ask.
_FAREWELL_S = 0.3
_LAST_REQUESTS_S = 0.2
_KEEP_ALIVE_S = 75
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class HttpServer(uvicorn.Server):
    """Runs the application on one socket until it is asked to stop.

    Args:
        app: The application.
        state: Told when the end begins.
        drain_s: How long requests in flight may take then, in seconds.
        started: Called once the socket takes connections, in the event loop.
        rpc: Takes the connections of gRPC; None when those are refused as HTTP that is not understood.
    """

    def __init__(
        self,
        app: RealtimeApp,
        state: ServingState,
        *,
        drain_s: float,
        started: Callable[[], None],
        rpc: RpcServer | None = None,
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                loop="uvloop" if _has("uvloop") else "asyncio",
                http=_protocol() if _has("httptools") else "h11",
                ws="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=_KEEP_ALIVE_S,
                timeout_graceful_shutdown=max(1, round(drain_s)),
            )
        )
        self._state = state
        self._admission = app.admission
        self._admission.tasks = self.server_state.tasks
        self._started = started
        self._rpc = rpc
        self._drain_s = drain_s
        self._end_at: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take connections."""
        if self._rpc is not None:
            await self._rpc.start()
            accept = self._rpc.door(self.config.http_protocol_class)
            self.config.http_protocol_class = accept  # type: ignore[assignment] # is called like one
        await super().startup(sockets)
        self._started()

    def stop(self) -> None:
        """Begin to end; from any thread or signal handler. A second call ends without the farewell."""
        if self._end_at is None:
            self._state.draining = True
            self._end_at = monotonic() + _FAREWELL_S
        else:
            self.should_exit = True

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: whether to end."""
        if self._end_at is not None and monotonic() >= self._end_at:
            self.should_exit = True
        self._admission.look(monotonic())
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections; then close those that are idle and wait for those that are not."""
        doors = [listener.dup() for listener in sockets or []]
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        # The system has let in callers that the event loop has not seen yet: they would be cut off.
        for door in doors:
            await self._take_waiting(door)
            door.close()
        if self._rpc is None:
            await asyncio.sleep(_LAST_REQUESTS_S)
            await super().shutdown(sockets)
            return
        self._rpc.leave()
        await asyncio.sleep(_LAST_REQUESTS_S)
        ending = asyncio.create_task(self._rpc.stop(self._drain_s))
        await super().shutdown(sockets)
        await self._rpc.stop(0)
        await ending

    async def _take_waiting(self, door: socket.socket) -> None:
        door.setblocking(False)
        while True:
            try:
                connection, _ = door.accept()
            except OSError:  # nobody waits
                return
            await asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection)

    def _protocol(self) -> asyncio.Protocol:
        return self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals that ask for an end.

        uvicorn's own way raises them again afterwards, which would end the process before the prediction log is
        written.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal came; the third interrupt does not wait for requests either."""
        del frame
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.stop()


def _protocol() -> type[asyncio.Protocol]:
    from millwright.deployment.realtime.http_protocol import ServingProtocol

    return ServingProtocol


def _has(library: str) -> bool:
    from importlib.util import find_spec

    return find_spec(library) is not None
