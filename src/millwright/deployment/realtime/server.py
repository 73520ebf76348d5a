"""The server: takes the socket, and answers in this process or in several behind it until it is asked to stop."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

from millwright.core.errors import MissingExtraError
from millwright.core.listener import listener_url, open_listener
from millwright.deployment.realtime.assembly.endpoint import ServingRegistry, ServingStores
from millwright.deployment.realtime.assembly.serving_process import ServingProcess
from millwright.deployment.realtime.presence import vanish_all
from millwright.deployment.realtime.process.scaling import ScalingOptions
from millwright.deployment.realtime.process.workers import WorkersOptions, run_workers
from millwright.deployment.realtime.rpc import rpc_server
from millwright.deployment.realtime.serve_options import ServedChoice, ServeOptions

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from millwright.core.clock import Clock
    from millwright.deployment.realtime.enrichment.feature_source import FeatureSource
    from millwright.deployment.realtime.process.workers import Share

__all__ = ["ServeOptions", "ServedChoice", "ServingRegistry", "ServingStores", "serve"]

logger = logging.getLogger(__name__)


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
    url = listener_url(listener, options.host)

    def work(ready: Callable[[], None], stop: threading.Event | None, share: Share | None) -> None:
        process = ServingProcess(options, stores=stores, registry=registry, clock=clock, features=features, share=share)

        def started() -> None:
            for each in process.endpoints:
                each.presence.appear(url)
                logger.info("%s is served at %s as %s", each.slot.current.ref, url, each.slot.endpoint)
            ready()

        rpc = rpc_server(process.app, process.state, wanted=options.grpc, max_body_bytes=options.max_body_bytes)
        ahead = None if process.attendance is None else process.attendance.ahead
        drain_s = options.drain_seconds
        server = HttpServer(process.app, process.state, drain_s=drain_s, started=started, rpc=rpc, ahead=ahead)
        process.run(server, listener, stop)

    def tell() -> None:
        if ready is not None:
            ready(url)

    with contextlib.closing(listener):
        if options.workers == 1:
            work(tell, stop, None)
            return
        # What is open here would be shared by the processes that are forked.
        stores.close()
        try:
            run_workers(
                _workers_options(options),
                listener,
                lambda told, share: work(told, None, share),
                ready=tell,
                stop=stop,
            )
        finally:
            vanish_all(stores.endpoints, [choice.name for choice in options.models], clock)


def _workers_options(options: ServeOptions) -> WorkersOptions:
    count = options.workers
    return WorkersOptions(
        scaling=options.scaling if count is None else ScalingOptions(least=count, most=count),
        swap_s=options.swap_seconds,
        drain_s=2 * options.drain_seconds,  # for requests in flight, then for the log
    )
