"""Joins API, pages, errors and the guard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from litestar import Litestar
from litestar.di import Provide

from millwright.server.api import api_router, probe_handlers
from millwright.server.api.schema import openapi_config
from millwright.server.failure import as_error, error_response, wants_page
from millwright.server.pages import page_handlers
from millwright.server.pages.rendering import failure_page, template_config
from millwright.server.security import Guard
from millwright.server.service import Services

if TYPE_CHECKING:
    from collections.abc import Iterable

    from litestar import Request, Response
    from litestar.types import ASGIApp

    from millwright.storage.catalog import Stores


def build_app(
    *,
    stores: Stores,
    registry: Any,
    monitor: Any,
    known_hosts: Iterable[str] = ("localhost", "127.0.0.1", "[::1]"),
) -> ASGIApp:
    """The control plane as an ASGI application.

    Args:
        stores: Every record.
        registry: Resolves selectors (`service.Resolver`).
        monitor: Reads reports' documents (`service.ReportReader`).
        known_hosts: Names that requests may carry as `Host`.
    """
    return Guard(build_litestar(Services(stores, registry, monitor)), frozenset(known_hosts))


def build_litestar(services: Services) -> Litestar:
    """The application without its guard: what knows the routes."""
    return Litestar(
        route_handlers=[api_router(), *probe_handlers(), *page_handlers()],
        dependencies={"services": Provide(lambda: services, sync_to_thread=False)},
        exception_handlers={Exception: _answer_failure},
        openapi_config=openapi_config(),
        template_config=template_config(),
        type_encoders={Mapping: dict},
        logging_config=None,
    )


def _answer_failure(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    told = as_error(error, method=request.method, path=request.scope["path"])
    return failure_page(told) if wants_page(request) else error_response(told)
