"""The gRPC server of a process, reached through the port of its HTTP server."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio

from millwright.deployment.realtime.rpc.address import Address
from millwright.deployment.realtime.rpc.door import Door
from millwright.deployment.realtime.rpc.pipe import Pipe
from millwright.deployment.realtime.rpc.service import InferenceService

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.deployment.realtime.app import RealtimeApp
    from millwright.deployment.realtime.serving_state import ServingState

_LOOK_S = 0.02


class RpcServer:
    """Answers gRPC calls as the application answers HTTP requests.

    Nothing is opened or named before `start`: a process that forks starts one behind each fork.

    Args:
        app: The application, whose path and limits are shared.
        state: What is served.
        max_body_bytes: Largest message; of a compressed one, what it becomes.
    """

    def __init__(self, app: RealtimeApp, state: ServingState, *, max_body_bytes: int) -> None:
        self._app = app
        self._state = state
        self._max_body_bytes = max_body_bytes
        self._address: Address | None = None
        self._server: grpc.aio.Server | None = None
        self._pipes: set[Pipe] = set()
        self._opening: set[asyncio.Task[None]] = set()
        self._is_leaving = False

    async def start(self) -> None:
        """Begin to take calls."""
        address = self._address = Address()
        service = InferenceService(self._state, self._app.path, self._app.admission)
        # Answers are as long as they are: a request's size bounds them.
        self._server = grpc.aio.server(
            options=[
                ("grpc.max_receive_message_length", self._max_body_bytes),
                ("grpc.max_send_message_length", -1),
            ]
        )
        self._server.add_generic_rpc_handlers(service.handlers())
        self._server.add_insecure_port(address.url)
        await self._server.start()

    def door(self, protocol: Callable[..., asyncio.Protocol]) -> Callable[..., asyncio.Protocol]:
        """What the HTTP server is to accept connections with, once this server is started.

        Args:
            protocol: Makes HTTP's own protocol from what uvicorn hands it by name.
        """
        address = self._address
        if address is None:
            raise RuntimeError("Expected a server that is started.")

        def accept(**parts: Any) -> asyncio.Protocol:
            connections = parts["server_state"].connections

            def hand_over(transport: asyncio.Transport, first: bytes) -> None:
                pipe = Pipe(transport, self._pipes, connections)
                if self._is_leaving:  # a caller who came at the last moment is told, too
                    pipe.leave()
                task = asyncio.create_task(pipe.open(address, first))
                self._opening.add(task)
                task.add_done_callback(self._opening.discard)

            return Door(protocol(**parts), hand_over)

        return accept

    def leave(self) -> None:
        """Ask the callers to begin no more calls on their connections; those that they have begun are answered."""
        self._is_leaving = True
        for pipe in self._pipes:
            pipe.leave()

    async def left(self, seconds: float) -> None:
        """Wait until the callers that were asked to leave have gone: gRPC's own stop refuses what they still begin.

        Args:
            seconds: How long at most. Who has no call in flight goes as soon as it has read what it was told.
        """
        give_up = monotonic() + seconds
        while self._pipes and monotonic() < give_up:  # noqa: ASYNC110 - a pipe leaves the set by itself
            await asyncio.sleep(_LOOK_S)

    async def stop(self, seconds: float) -> None:
        """Take no more calls, answer those in flight, and close all connections.

        Args:
            seconds: How long calls in flight may take; those that take longer are cancelled.
        """
        if self._server is not None:
            await self._server.stop(seconds)
        if self._address is not None:
            self._address.close()
