"""The server process: joins the parts and runs them until it is asked to stop."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
from typing import TYPE_CHECKING, Protocol

from millwright.core.errors import ConfigurationError, MissingExtraError
from millwright.core.listener import listener_url, open_listener
from millwright.deployment.realtime.admission import Admission
from millwright.deployment.realtime.app import AppOptions, RealtimeApp
from millwright.deployment.realtime.loader import load_served
from millwright.deployment.realtime.log_writer import LogOptions, PredictionLogWriter
from millwright.deployment.realtime.model_slot import ModelSlot
from millwright.deployment.realtime.presence import EndpointPresence
from millwright.deployment.realtime.process.workers import run_workers
from millwright.deployment.realtime.protocol import all_routes
from millwright.deployment.realtime.protocol.metrics import ServingCollector
from millwright.deployment.realtime.request_stats import RequestStats
from millwright.deployment.realtime.route import Router
from millwright.deployment.realtime.rpc import rpc_server
from millwright.deployment.realtime.serve_options import ServedChoice, ServeOptions
from millwright.deployment.realtime.serving_state import ServingState
from millwright.deployment.realtime.telemetry.telemetry import open_telemetry
from millwright.deployment.realtime.traffic.joining import TrafficStores, join_rollouts
from millwright.deployment.realtime.watcher import Resolver, SelectorWatcher
from millwright.deployment.traffic.control import Promoter

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
    from millwright.deployment.realtime.served_model import ServedModel
    from millwright.storage.base import ArtifactStore

__all__ = ["ServeOptions", "ServedChoice", "serve"]

logger = logging.getLogger(__name__)

_STOP_POLL_S = 0.05
_SHARE_S = 1.0


class ServingStores(TrafficStores, Protocol):
    """The stores that serving needs."""

    @property
    def artifacts(self) -> ArtifactStore:
        """Holds the packages."""
        ...

    def close(self) -> None:
        """Close the connections that are open; what is used again opens new ones."""
        ...


class ServingRegistry(Resolver, Promoter, Protocol):
    """The part of the registry that serving needs."""


def serve(
    options: ServeOptions,
    *,
    stores: ServingStores,
    registry: ServingRegistry,
    clock: Clock,
    ready: Callable[[str], None] | None = None,
    stop: threading.Event | None = None,
    features: Callable[[], FeatureSource] | None = None,
) -> None:
    """Serve models until SIGTERM or SIGINT, then finish what is in flight and write the log.

    Args:
        options: What, where and within which limits.
        stores: Where packages, the endpoint's record and the prediction log are.
        registry: Resolves the selector, at the start and whenever it may have moved; moves the alias to a canary that
            has passed.
        clock: Tells the time.
        ready: Called with the server's URL once it takes requests.
        stop: Ends the server when set; for a server in a thread, which gets no signals.
        features: Gives the feature store, for models that were trained with a feature service; None when features are
            not looked up.

    Raises:
        ServiceUnavailableError: The port is in use.
        ConfigurationError: The host or port is none of this machine, or two models have the same endpoint.
        NotFoundError: The selector names no version, or its package is gone.
        IntegrityError: The package is damaged or fails its self-test.
        MissingExtraError: A library of the extra `serve` is not installed, or one of `grpc` when that is wanted.
    """
    try:
        from millwright.deployment.realtime.http_server import HttpServer
    except ImportError as error:
        raise MissingExtraError("uvicorn", "serve") from error
    listener = open_listener(options.host, options.port)

    def work(ready: Callable[[str], None] | None, stop: threading.Event | None, share: Share | None) -> None:
        process = _Process(options, stores=stores, registry=registry, clock=clock, features=features, share=share)
        url = listener_url(listener, options.host)

        def started() -> None:
            for each in process.endpoints:
                each.presence.appear(url)
                logger.info("%s is served at %s as %s", each.slot.current.ref, url, each.slot.endpoint)
            if ready is not None:
                ready(url)

        rpc = rpc_server(process.app, process.state, wanted=options.grpc, max_body_bytes=options.max_body_bytes)
        server = HttpServer(process.app, process.state, drain_s=options.drain_seconds, started=started, rpc=rpc)
        process.run(server, listener, stop)

    with contextlib.closing(listener):
        if options.workers == 1:
            work(ready, stop, None)
            return
        stores.close()
        url = listener_url(listener, options.host)
        run_workers(
            options.workers,
            lambda told, share: work(told, None, share),
            drain_s=2 * options.drain_seconds,  # for requests in flight, then for the log
            ready=lambda: None if ready is None else ready(url),
            stop=stop,
        )


class _Process:
    """The parts of one server process.

    Args:
        options: See `serve`.
        stores: See `serve`.
        registry: See `serve`.
        clock: See `serve`.
        features: See `serve`.
        share: What it has in common with other processes of the same server; None when it is the only one.
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
        owner = "" if share is None else share.owner
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
            )

        self.endpoints = [
            _Endpoint(choice, load, options, stores=stores, registry=registry, clock=clock, owner=owner)
            for choice in options.models
        ]
        _refuse_twins([each.slot.endpoint for each in self.endpoints])
        self.state = ServingState(
            tuple(each.slot for each in self.endpoints),
            clock=clock,
            stats=RequestStats(),
            log=self.log,
            max_rows=options.max_rows,
            observers=open_telemetry(options.access_log, os.environ, Router(all_routes(options.routes))),
        )
        self.state.shared = None if share is None else share.metrics()
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
            for observer in self.state.observers:
                observer.close()
            if self.log is not None:
                self.log.close(self._options.drain_seconds)
            for each in self.endpoints:
                each.rollouts.close()
                each.presence.vanish()

    async def _serve(self, server: HttpServer, listener: socket.socket, stop: threading.Event | None) -> None:
        poll_s = self._options.poll_seconds
        for each in self.endpoints:
            # Before the first request, so that a routing key has the arm that it had before a restart.
            await asyncio.to_thread(each.rollouts.begin)
        tasks = [asyncio.create_task(each.rollouts.run(each.watcher, poll_s)) for each in self.endpoints]
        if stop is not None:
            tasks.append(asyncio.create_task(_stop_when(stop, server)))
        if self.state.shared is not None:
            tasks.append(asyncio.create_task(_share(self.state, self.state.shared)))
        try:
            await server.serve([listener])
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


class _Endpoint:
    """One model of a process: its slot, who follows its selector and its rollout, and its record.

    Args:
        choice: What is served.
        load: Loads, tries and warms up a version.
        options: See `serve`.
        stores: See `serve`.
        registry: See `serve`.
        clock: See `serve`.
        owner: Whose record the endpoint's is; this process when empty.
    """

    def __init__(
        self,
        choice: ServedChoice,
        load: Callable[[ModelVersionRecord], ServedModel],
        options: ServeOptions,
        *,
        stores: ServingStores,
        registry: ServingRegistry,
        clock: Clock,
        owner: str,
    ) -> None:
        served = load(registry.resolve(choice.selector))
        self.slot = ModelSlot(choice.endpoint or served.name, served)
        settings = {"durable": options.durable_log, "log_predictions": options.log_predictions}
        self.presence = EndpointPresence(
            stores.endpoints, self.slot, clock=clock, selector=choice.selector, settings=settings, owner=owner
        )
        log = LogOptions(flush_s=options.log_flush_seconds, max_rows=options.log_max_rows)
        self.rollouts = join_rollouts(
            self.slot,
            load,
            stores=stores,
            registry=registry,
            clock=clock,
            log=log if options.log_predictions else None,
        )
        self.watcher = SelectorWatcher(
            self.slot,
            choice.selector,
            resolver=registry,
            load=self.rollouts.load,
            changed=self.presence.update,
            take_over=self.rollouts.take_over,
        )


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
