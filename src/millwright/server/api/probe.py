"""What probes and load balancers ask for; in plain text, as MLflow's clients read it."""

from __future__ import annotations

from litestar import MediaType, get

from millwright.server.service import FromApp
from millwright.version import __version__


@get("/health", media_type=MediaType.TEXT, sync_to_thread=True, tags=["server"])
def health(services: FromApp) -> str:
    """Say OK when the records can be read."""
    services.stores.audit.list(limit=1)
    return "OK"


@get("/version", media_type=MediaType.TEXT, sync_to_thread=False, tags=["server"])
def version() -> str:
    """Tell this server's version."""
    return __version__
