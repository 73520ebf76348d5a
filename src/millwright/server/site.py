"""The application with the native API and the pages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
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

    from millwright.server.asgi import App, Receive, Scope, Send

_KEY = "millwright.services"  # where a request brings what its handler reads from and writes to


def build_site(services: Services) -> App:
    """The application over some services, without what stands in front of it."""
    site = build_litestar()

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        scope[_KEY] = services
        await site(scope, receive, send)  # type: ignore[arg-type]

    return answer


@cache
def build_litestar() -> Litestar:
    """What knows the routes, and no services: made once in a process, since to read the handlers takes 0.2 s."""
    return Litestar(
        route_handlers=[api_router(), *probe_handlers(), *page_handlers()],
        dependencies={"services": Provide(_provide, sync_to_thread=False)},
        guards=[role_guard(_brought)],
        exception_handlers={Exception: _answer_failure},
        openapi_config=openapi_config(),
        template_config=template_config(),
        type_encoders={Mapping: dict},
        logging_config=None,
    )


def _brought(scope: Scope) -> Services:
    services: Services = scope[_KEY]
    return services


def _provide(request: Request[Any, Any, Any]) -> Services:
    scope = dict(request.scope)
    return visible_services(_brought(scope), scope)


def _answer_failure(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    told = as_error(error, method=request.method, path=request.scope["path"])
    return failure_page(told) if wants_page(request) else error_response(told)
