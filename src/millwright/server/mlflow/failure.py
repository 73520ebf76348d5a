"""Errors in MLflow's form: `{"error_code": …, "message": …}` with the status that its clients expect of each code."""

from __future__ import annotations

import json
import logging
from typing import Any

from millwright.core.errors import (
    AlreadyExistsError,
    ConflictError,
    InvalidInputError,
    MillwrightError,
    NotFoundError,
)

logger = logging.getLogger(__name__)

# MLflow's clients retry 408, 429, 500, 502, 503 and 504 for minutes: what cannot get better must be none of these.
STATUS = {
    "INVALID_PARAMETER_VALUE": 400,
    "BAD_REQUEST": 400,
    "RESOURCE_ALREADY_EXISTS": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "RESOURCE_DOES_NOT_EXIST": 404,
    "ENDPOINT_NOT_FOUND": 404,
    "NOT_FOUND": 404,
    "RESOURCE_CONFLICT": 409,
    "ABORTED": 409,
    "REQUEST_LIMIT_EXCEEDED": 429,
    "INVALID_STATE": 500,
    "INTERNAL_ERROR": 500,
    "NOT_IMPLEMENTED": 501,
    "TEMPORARILY_UNAVAILABLE": 503,
}
_SEE_DOCS = " See the API docs for more information about request parameters."


class WireError(Exception):
    """A failure with MLflow's error code and message.

    Args:
        code: MLflow's name of it.
        message: As clients are to see it.
        status: The HTTP status; that of the code when None.
    """

    def __init__(self, code: str, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = STATUS.get(code, 500) if status is None else status


def invalid(message: str) -> WireError:
    """INVALID_PARAMETER_VALUE with a message of its own."""
    return WireError("INVALID_PARAMETER_VALUE", message)


def missing(name: str) -> WireError:
    """A required parameter is not there."""
    return invalid(f"Missing value for required parameter '{name}'.{_SEE_DOCS}")


def unfit(name: str, value: Any, reason: str = "") -> WireError:
    """A parameter has a value that is not allowed.

    Args:
        name: The parameter, with its place: `metrics[0].key`.
        value: What was found.
        reason: Why not; without it the type is named.
    """
    shown = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    if reason:
        return invalid(f"Invalid value {shown} for parameter '{name}' supplied: {reason}")
    return invalid(
        f"Invalid value {shown} for parameter '{name}' supplied:  Hint: Value was of type '{type(value).__name__}'."
        f"{_SEE_DOCS}"
    )


def not_there(message: str) -> WireError:
    """RESOURCE_DOES_NOT_EXIST with a message of its own."""
    return WireError("RESOURCE_DOES_NOT_EXIST", message)


def as_wire_error(error: BaseException, *, method: str, path: str) -> WireError:
    """Whatever was raised, as the client is told; what nobody foresaw is logged and told without details.

    Args:
        error: What was raised.
        method: Of the request.
        path: Of the request.
    """
    if isinstance(error, WireError):
        return error
    if isinstance(error, MillwrightError):
        return WireError(_code(error), str(error), status=_status(error))
    logger.error("%s %s failed", method, path, exc_info=error)
    return WireError("INTERNAL_ERROR", "Something unexpected went wrong here. The server's log has the traceback.")


def _code(error: MillwrightError) -> str:
    kinds: tuple[tuple[type[MillwrightError], str], ...] = (
        (NotFoundError, "RESOURCE_DOES_NOT_EXIST"),
        (AlreadyExistsError, "RESOURCE_ALREADY_EXISTS"),
        (InvalidInputError, "INVALID_PARAMETER_VALUE"),
        (ConflictError, "RESOURCE_CONFLICT"),
    )
    for kind, code in kinds:
        if isinstance(error, kind):
            return code
    by_status = {
        401: "UNAUTHENTICATED",
        403: "PERMISSION_DENIED",
        409: "RESOURCE_CONFLICT",
        429: "REQUEST_LIMIT_EXCEEDED",
    }
    if error.http_status == 429:
        return "REQUEST_LIMIT_EXCEEDED"
    if error.http_status >= 500:
        return "TEMPORARILY_UNAVAILABLE" if error.http_status == 503 else "INTERNAL_ERROR"
    return by_status.get(error.http_status, "INVALID_PARAMETER_VALUE")


def _status(error: MillwrightError) -> int:
    # 413, 415 and 421 say more than the 400 of their code would.
    return error.http_status if error.http_status in {413, 415, 421} else STATUS[_code(error)]
