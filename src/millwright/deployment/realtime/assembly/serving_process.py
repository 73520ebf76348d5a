"""One process of a server: its endpoints, its counters, its log, and how it runs until it is asked to stop."""

from __future__ import annotations

import asyncio
import gc
import os
from typing import TYPE_CHECKING

from millwright.core.errors import ConfigurationError
from millwright.deployment.realtime.admission import Admission
from millwright.deployment.realtime.app import AppOptions, RealtimeApp
from millwright.deployment.realtime.assembly.attendance import Attendance
from millwright.deployment.realtime.assembly.endpoint import (
    EndpointParts,
    ServedEndpoint,
    ServingRegistry,
    ServingStores,
)
from millwright.deployment.realtime.loader import load_served
from millwright.deployment.realtime.log_writer import LogOptions, PredictionLogWriter
from millwright.deployment.realtime.protocol import all_routes
from millwright.deployment.realtime.protocol.metrics import ServingCollector
from millwright.deployment.realtime.request_stats import RequestStats
from millwright.deployment.realtime.route import Router
from millwright.deployment.realtime.serving_state import ServingState
from millwright.deployment.realtime.telemetry.telemetry import open_telemetry

if TYPE_CHECKING:
    import socket
    import threading
    from collections.abc import Callable

    from millwright.core.clock import Clock
    from millwright.core.records.model import ModelVersionRecord
    from millwright.deployment.realtime.enrichment.feature_source import FeatureSource
    from millwright.deployment.realtime.http_server import HttpServer
    from millwright.deployment.realtime.process.shared_metrics import SharedMetrics
    from millwright.deployment.realtime.process.workers import Share
    from millwright.deployment.realtime.serve_options import ServeOptions
    from millwright.deployment.realtime.served_model import ServedModel

_STOP_POLL_S = 0.05
_SHARE_S = 1.0
_MOST_JOINS = 20  # a version that moves faster than it can be loaded


class ServingProcess:
    """The parts of one server process.

    Args:
        options: See `serve`.
        stores: See `serve`.
        registry: See `serve`.
        clock: See `serve`.
        features: See `serve`.
        share: What it has in common with other processes of the same server; None when it is the only one.

    Attributes:
        endpoints: What is served.
        state: What requests share.
        app: Answers them.
        attendance: Its place among other processes; None when it is the only one.
    """

    def __init__(
        self,
        options: ServeOptions,
        *,
        stores: ServingStores,
        registry: ServingRegistry,
        clock: Clock,
        features: Callable[[], FeatureSource] | None,
        share: Share | None,
    ) -> None:
        self._options = options
        self._share = share
        self.log: PredictionLogWriter | None = None
        if options.log_predictions:
            log_options = LogOptions(flush_s=options.log_flush_seconds, max_rows=options.log_max_rows)
            self.log = PredictionLogWriter(stores.predictions, log_options)

        def load(record: ModelVersionRecord) -> ServedModel:
            return load_served(
                record,
                stores.artifacts,
                prefer_onnx=options.prefer_onnx,
                allow_code=options.allow_code,
                features=features,
                warm_explanations=options.warm_explanations,
            )

        parts = EndpointParts(stores=stores, registry=registry, clock=clock, load=load)
        self.endpoints = [ServedEndpoint(choice, options, parts, share) for choice in options.models]
        _refuse_twins([each.slot.endpoint for each in self.endpoints])
        if share is not None:
            self._join(share)
        self.state = ServingState(
            tuple(each.slot for each in self.endpoints),
            clock=clock,
            stats=RequestStats(),
            log=self.log,
            max_rows=options.max_rows,
            observers=open_telemetry(options.access_log, os.environ, Router(all_routes(options.routes))),
        )
        self.state.shared = None if share is None else share.metrics
        self.attendance = None if share is None else Attendance(share, self.state.stats)
        self.app = RealtimeApp(
            self.state,
            AppOptions(max_body_bytes=options.max_body_bytes, durable=options.durable_log, routes=options.routes),
            admission=Admission(options.max_requests, options.request_seconds),
        )

    def run(self, server: HttpServer, listener: socket.socket, stop: threading.Event | None) -> None:
        """Serve until asked to stop; then write what the log holds and clear the endpoints' records."""
        if self.log is not None:
            self.log.start()
        # What is loaded stays: a full collection would walk all of it, some 20 ms in which nobody is answered.
        gc.collect()
        gc.freeze()
        try:
            factory = server.config.get_loop_factory()
            with asyncio.Runner(loop_factory=factory) as runner:
                runner.run(self._serve(server, listener, stop))
        finally:
            gc.unfreeze()
            self.app.path.close()
            for observer in self.state.observers:
                observer.close()
            if self.log is not None:
                self.log.close(self._options.drain_seconds)
            for each in self.endpoints:
                each.rollouts.close()
                if self._share is None:  # else the record is the parent's: others serve, or will when somebody asks
                    each.presence.vanish()
            if self.state.shared is not None:
                self.state.shared.write(ServingCollector(self.state).own())

    def _join(self, share: Share) -> None:
        """Become one of those who answer, with the versions that they serve."""
        for _ in range(_MOST_JOINS):
            versions = {each.slot.endpoint: each.slot.current.ref for each in self.endpoints}
            told = share.join(versions)
            if told == versions:
                return
            for each in self.endpoints:
                each.begin_with(told[each.slot.endpoint])
        raise ConfigurationError("Expected an alias that stays for as long as it takes to load its version.")

    async def _serve(self, server: HttpServer, listener: socket.socket, stop: threading.Event | None) -> None:
        for each in self.endpoints:
            # Before the first request, so that a routing key has the arm that it had before a restart.
            await asyncio.to_thread(each.begin)
            if self._share is not None:
                # What others serve may be what the alias named when the last of them ended.
                await asyncio.to_thread(each.look)
        tasks = [asyncio.create_task(each.follow(self._options.poll_seconds)) for each in self.endpoints]
        if stop is not None:
            tasks.append(asyncio.create_task(_stop_when(stop, server)))
        if self.state.shared is not None:
            tasks.append(asyncio.create_task(_share(self.state, self.state.shared)))
        if self.attendance is not None:
            tasks.append(asyncio.create_task(self.attendance.attend(server)))
        try:
            await server.serve([listener])
        finally:
            if self._share is not None:
                self._share.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _refuse_twins(endpoints: list[str]) -> None:
    twice = next((name for name in endpoints if endpoints.count(name) > 1), None)
    if twice is not None:
        raise ConfigurationError(
            f"Expected each model to be served at an endpoint of its own, found '{twice}' twice.",
            hint=f"Name them: mw serve {twice}=MODEL@ALIAS OTHER=MODEL@ALIAS",
        )


async def _share(state: ServingState, shared: SharedMetrics) -> None:
    """Leave what this process counts for the others, again and again."""
    while True:
        shared.write(ServingCollector(state).own())
        await asyncio.sleep(_SHARE_S)


async def _stop_when(stop: threading.Event, server: HttpServer) -> None:
    while not stop.is_set():  # noqa: ASYNC110 - it is a thread that sets this event
        await asyncio.sleep(_STOP_POLL_S)
    server.stop()
