"""Whatever goes wrong, as one of our errors and in their one shape."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException, ValidationException

from millwright.core.errors import (
    InvalidInputError,
    MalformedRequestError,
    MethodNotAllowedError,
    MillwrightError,
    NotFoundError,
)
from millwright.server.asgi import told_path

if TYPE_CHECKING:
    from litestar import Request

logger = logging.getLogger(__name__)

_MISSING = re.compile(r"Missing required (?P<kind>\w+) parameter '(?P<name>[^']*)'")  # as the framework says it


def as_error(error: Exception, *, method: str, path: str) -> MillwrightError:
    """The error that a caller is told; what nobody foresaw is logged with its traceback and told without details.

    Args:
        error: What was raised.
        method: Of the request.
        path: Of the request.
    """
    if isinstance(error, MillwrightError):
        return error
    if isinstance(error, ValidationException):
        return _refused_parameters(error)
    if isinstance(error, HTTPException):
        return _refused_request(error, method, path)
    logger.error("%s %s failed", method, told_path(path), exc_info=error)
    return MillwrightError("Something unexpected went wrong here.", hint="The server's log has the traceback.")


def error_response(error: MillwrightError) -> Response[Any]:
    """The one JSON shape."""
    headers = {"allow": "GET"} if isinstance(error, MethodNotAllowedError) else {}
    content = msgspec.json.encode(error.as_dict(), enc_hook=str)
    return Response(content, status_code=error.http_status, media_type="application/json", headers=headers)


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """Whether a failure is to be told as a page: a browser asks for something that is none of the API."""
    return "text/html" in request.headers.get("accept", "") and not request.scope["path"].startswith("/api/")


def _refused_parameters(error: ValidationException) -> InvalidInputError:
    found: list[Any] = list(error.extra) if isinstance(error.extra, list) else []
    told = [f"{each.get('key', 'request')}: {each.get('message', 'not valid')}" for each in found]
    if not told and (missing := _MISSING.match(error.detail)):
        told = [f"Expected the {missing['kind']} parameter '{missing['name']}', found none"]
    message = "; ".join(said.replace("`", "'") for said in told) or "A parameter is not valid"
    return InvalidInputError(
        f"{message}.", hint="The parameters are described in /openapi.json.", details={"parameters": told}
    )


def _refused_request(error: HTTPException, method: str, path: str) -> MillwrightError:
    if error.status_code == MethodNotAllowedError.http_status:
        return MethodNotAllowedError(
            f"Expected GET for {path}, found {method}.", hint="Other changes are made with mw."
        )
    if error.status_code == NotFoundError.http_status:
        return NotFoundError(f"There is nothing at {path}.", hint="The paths are listed in /openapi.json.")
    if error.status_code < 500:
        return MalformedRequestError(f"The request cannot be read: {error.detail}.", details={"path": path})
    return MillwrightError("Something unexpected went wrong here.", hint="The server's log has the traceback.")
