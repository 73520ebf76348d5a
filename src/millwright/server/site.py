"""The application with the native API and the pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from litestar import Litestar, Request
from litestar.di import Provide

from millwright.server.api import api_router, probe_handlers
from millwright.server.api.schema import openapi_config
from millwright.server.auth.native import role_guard, visible_services
from millwright.server.failure import as_error, error_response, wants_page
from millwright.server.pages import page_handlers
from millwright.server.pages.rendering import failure_page, template_config
from millwright.server.service import Services  # noqa: TC001 - Litestar reads the annotation

if TYPE_CHECKING:
    from litestar import Response


def build_litestar(services: Services) -> Litestar:
    """The application without what stands in front of it: what knows the routes."""

    def provide(request: Request[Any, Any, Any]) -> Services:
        return visible_services(services, dict(request.scope))

    return Litestar(
        route_handlers=[api_router(), *probe_handlers(), *page_handlers()],
        dependencies={"services": Provide(provide, sync_to_thread=False)},
        guards=[role_guard(services)],
        exception_handlers={Exception: _answer_failure},
        openapi_config=openapi_config(),
        template_config=template_config(),
        type_encoders={Mapping: dict},
        logging_config=None,
    )


def _answer_failure(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    told = as_error(error, method=request.method, path=request.scope["path"])
    return failure_page(told) if wants_page(request) else error_response(told)
