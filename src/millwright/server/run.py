"""Serves the control plane until it is asked to stop."""

from __future__ import annotations

import contextlib
import gc
import os
import tempfile
from typing import TYPE_CHECKING

from millwright.core.errors import ConfigurationError, MissingExtraError
from millwright.core.records.account import EVERY_PROJECT, Role
from millwright.server.options import ServerOptions, require_protection

if TYPE_CHECKING:
    import socket
    import threading
    from collections.abc import Callable

    from millwright.core.line import Line
    from millwright.server.auth.attempt import Attempts
    from millwright.server.service import Services
    from millwright.storage.base import AccountStore

__all__ = ["ServerOptions", "serve"]


def serve(
    options: ServerOptions,
    services: Services,
    *,
    ready: Callable[[str], None] | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        options: Where, and for whom.
        services: What handlers read from and write to.
        ready: Called with the server's URL once it takes requests.
        stop: Ends the server when set; for a server in a thread, which gets no signals.

    Raises:
        ConfigurationError: Others reach the host and nobody could log in, or it is none of this machine.
        ServiceUnavailableError: The port is in use.
        MissingExtraError: Litestar or uvicorn is not installed.
    """
    require_protection(options, has_admin=has_admin(services.stores.accounts))
    try:
        from millwright.server.http_server import ControlServer  # noqa: F401 - asked for before a port is taken
    except ImportError as error:
        raise MissingExtraError("litestar and uvicorn", "server") from error
    from millwright.core.listener import listener_url, open_listener

    # Its connections inherit TCP_NODELAY: small answers leave at once.
    listener = open_listener(options.host, options.port)
    with contextlib.closing(listener):
        url = listener_url(listener, options.host)

        def started() -> None:
            if ready is not None:
                ready(url)

        if options.workers > 1:
            _serve_by_workers(options, services, listener, started, stop)
        else:
            _serve_here(options, services, listener, started, stop)


def has_admin(accounts: AccountStore) -> bool:
    """Whether somebody who can log in is admin of everything."""
    enabled = {user.name for user in accounts.list_users() if not user.disabled}
    grants = accounts.list_grants()
    return any(g.user in enabled and g.project == EVERY_PROJECT and g.role is Role.ADMIN for g in grants)


def _serve_here(
    options: ServerOptions,
    services: Services,
    listener: socket.socket,
    started: Callable[[], None],
    stop: threading.Event | None,
    attempts: Attempts | None = None,
) -> None:
    from millwright.server.app import build_app
    from millwright.server.http_server import ControlServer

    app = build_app(services, options, attempts)
    _calm_collector()
    with services.deliveries.running(), services.notifications.running():
        ControlServer(app, drain_s=options.drain_seconds, started=started).run_until(listener, stop)


def _calm_collector() -> None:
    """Look for cycles less often: answers are large and have none, and looking took a third of a long answer's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _serve_by_workers(
    options: ServerOptions,
    services: Services,
    listener: socket.socket,
    started: Callable[[], None],
    stop: threading.Event | None,
) -> None:
    if not hasattr(os, "fork"):
        raise ConfigurationError(
            "Expected one worker process on this system, found more.", hint="Leave --workers out, or give --workers 1."
        )
    from millwright.core.worker import Overseer, Workers, hear_parent
    from millwright.server.auth.attempt import Attempts

    services.stores.close()
    attempts = Attempts()  # before there are workers, so that they count together

    def work(ready: Callable[[], None], line: Line, place: int) -> None:
        del place
        hear_parent(line, lambda _message: None, drain_s=options.drain_seconds)
        _serve_here(options, services, listener, ready, None, attempts)

    with tempfile.TemporaryDirectory(prefix="millwright-metrics-") as folder:
        # prometheus-client decides by this variable, when it is loaded, to keep its numbers where all workers see them.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        try:
            Workers(Overseer(options.workers), work, drain_s=options.drain_seconds).run(started, stop)
        finally:
            del os.environ["PROMETHEUS_MULTIPROC_DIR"]
