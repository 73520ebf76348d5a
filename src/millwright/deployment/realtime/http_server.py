"""uvicorn, made to end gracefully and to leave the end of the process to us."""

from __future__ import annotations

import asyncio
import signal
import threading
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import uvicorn

from millwright.deployment.realtime.process.acceptor import Acceptor
from millwright.deployment.realtime.rpc.pipe import Pipe

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
_LAST_CALLS_S = 5.0
_KEEP_ALIVE_S = 75
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@runtime_checkable
class Departing(Protocol):
    """A connection whose caller can be told to come again.

    Attributes:
        leaving: Its next answer tells that.
    """

    leaving: bool

    @property
    def is_idle(self) -> bool:
        """Whether nothing was asked on it for some seconds."""
        ...

    def let_go(self) -> None:
        """Close it, if it is idle."""
        ...


class HttpServer(uvicorn.Server):
    """Runs the application on one socket until it is asked to stop.

    Args:
        app: The application.
        state: Told when the end begins.
        drain_s: How long requests in flight may take then, in seconds.
        started: Called once the socket takes connections, in the event loop.
        rpc: Takes the connections of gRPC; None when those are refused as HTTP that is not understood.
        ahead: How many connections this process has more than the one that has fewest of those that share the socket;
            None when nobody shares it.
    """

    def __init__(
        self,
        app: RealtimeApp,
        state: ServingState,
        *,
        drain_s: float,
        started: Callable[[], None],
        rpc: RpcServer | None = None,
        ahead: Callable[[], int] | None = None,
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
        self._ahead = ahead
        self._is_leaving = False
        self._drain_s = drain_s
        self._end_at: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take connections."""
        if self._rpc is not None:
            await self._rpc.start()
            accept = self._rpc.door(self.config.http_protocol_class)
            self.config.http_protocol_class = accept  # type: ignore[assignment] # is called like one
        if self._ahead is None:
            await super().startup(sockets)
        else:
            acceptors = [Acceptor(listener, self._protocol, self._ahead) for listener in sockets or []]
            self.servers = acceptors  # type: ignore[assignment] # has what uvicorn asks of asyncio's Server
            self.started = True
        self._started()

    @property
    def connections(self) -> int:
        """How many are open, or about to be."""
        opening = sum(each.opening for each in self.servers if isinstance(each, Acceptor))
        return len(self.server_state.connections) + opening

    def send_away(self, count: int) -> None:
        """Tell some callers to come again, with their next answer, so that none fails: another process takes them.

        Args:
            count: Of how many callers, of those that have asked lately.
        """
        held: list[object] = list(self.server_state.connections)
        pipes = [each for each in held if isinstance(each, Pipe)]
        for pipe in pipes[: round(count * len(pipes) / max(1, len(held)))]:
            pipe.leave()
        asking = [each for each in held if isinstance(each, Departing) and not each.is_idle]
        left = count - sum(each.leaving for each in asking)
        for connection in [each for each in asking if not each.leaving][: max(0, left)]:
            connection.leaving = True

    def leave(self) -> None:
        """End as soon as all callers have left: take no more, and tell those that are there to come again."""
        self._is_leaving = True
        for server in self.servers:
            server.close()

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
        if self._is_leaving and self._end_at is None:
            self._see_off()
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
            if not self._is_leaving:
                await self._take_waiting(door)
            door.close()
        if self._rpc is None:
            await asyncio.sleep(_LAST_REQUESTS_S)
            await super().shutdown(sockets)
            return
        self._rpc.leave()
        await asyncio.sleep(_LAST_REQUESTS_S)
        # A busy caller may take longer to hear it.
        await self._rpc.left(min(_LAST_CALLS_S, self._drain_s))
        ending = asyncio.create_task(self._rpc.stop(self._drain_s))
        await super().shutdown(sockets)
        await self._rpc.stop(0)
        await ending

    def _see_off(self) -> None:
        """Tell those that are still there with their next answer; whoever has not asked for some seconds is let go."""
        if not self.connections:
            self.stop()
            return
        if self._rpc is not None:
            self._rpc.leave()
        for connection in self.server_state.connections:
            if isinstance(connection, Departing):
                connection.leaving = True
                connection.let_go()

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
