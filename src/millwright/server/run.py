"""Serves the control plane until it is asked to stop."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from millwright.core.errors import MissingExtraError
from millwright.server.options import ServerOptions, require_loopback

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from millwright.server.service import ReportReader, Resolver
    from millwright.storage.catalog import Stores

__all__ = ["ServerOptions", "serve"]


def serve(
    options: ServerOptions,
    *,
    stores: Stores,
    registry: Resolver,
    monitor: ReportReader,
    ready: Callable[[str], None] | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        options: Where, and for whom.
        stores: Every record.
        registry: Resolves selectors.
        monitor: Reads reports' documents.
        ready: Called with the server's URL once it takes requests.
        stop: Ends the server when set; for a server in a thread, which gets no signals.

    Raises:
        ConfigurationError: The host is not a loopback address, or none of this machine.
        ServiceUnavailableError: The port is in use.
        MissingExtraError: Litestar or uvicorn is not installed.
    """
    require_loopback(options.host)
    try:
        from millwright.server.app import build_app
        from millwright.server.http_server import ControlServer
    except ImportError as error:
        raise MissingExtraError("litestar and uvicorn", "server") from error
    # Only where it is needed: the room of deployments loads libraries of its own.
    from millwright.deployment.realtime.listener import listener_url, open_listener

    app = build_app(stores=stores, registry=registry, monitor=monitor, known_hosts=options.known_hosts)
    # Its connections inherit TCP_NODELAY: small answers leave at once.
    listener = open_listener(options.host, options.port)
    with contextlib.closing(listener):
        url = listener_url(listener, options.host)

        def started() -> None:
            if ready is not None:
                ready(url)

        ControlServer(app, drain_s=options.drain_seconds, started=started).run_until(listener, stop)
