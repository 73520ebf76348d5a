"""Errors as gRPC tells them: a status code, the message with its hint, and details that programs read.

The details are `google.rpc.Status` in the trailing metadatum `grpc-status-details-bin`: `ErrorInfo` with our error
code, `BadRequest` with what is wrong in which row and column, `RetryInfo` where it is worth trying again. That time
stands in `grpc-retry-pushback-ms` as well, which clients with a retry policy obey by themselves.

Sources: https://cloud.google.com/apis/design/errors (codes, and which HTTP status belongs to which);
https://github.com/grpc/proposal/blob/master/A6-client-retries.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grpc import StatusCode

from millwright.deployment.realtime.rpc.message import MESSAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.core.errors import MillwrightError

Metadata = tuple[tuple[str, str | bytes], ...]

_CODES: Mapping[int, StatusCode] = {
    400: StatusCode.INVALID_ARGUMENT,
    401: StatusCode.UNAUTHENTICATED,
    403: StatusCode.PERMISSION_DENIED,
    404: StatusCode.NOT_FOUND,
    405: StatusCode.UNIMPLEMENTED,
    409: StatusCode.ABORTED,
    413: StatusCode.RESOURCE_EXHAUSTED,  # as gRPC itself has it for messages that are too large
    415: StatusCode.INVALID_ARGUMENT,
    422: StatusCode.INVALID_ARGUMENT,
    429: StatusCode.RESOURCE_EXHAUSTED,
    503: StatusCode.UNAVAILABLE,
}
_WORTH_RETRYING = frozenset({429, 503})
_RETRY_S = 1
# Clients take some 8 KiB of metadata. A byte of the message may become three there, and it is in the details again.
_LONGEST_MESSAGE = 800  # bytes
_LONGEST_NAME = 100  # characters
_MOST_FIELDS = 6
_CUT = "…"


def status_code(error: MillwrightError) -> StatusCode:
    """The code of an error; `INTERNAL` for those that are the server's own."""
    return _CODES.get(error.http_status, StatusCode.INTERNAL)


def status_message(error: MillwrightError) -> str:
    """What went wrong and what to do next, cut to a length that every client takes."""
    return _cut(str(error), _LONGEST_MESSAGE)


def status_metadata(error: MillwrightError) -> Metadata:
    """The trailing metadata that tell more about an error."""
    details = [_packed("ErrorInfo", reason=error.code.upper(), domain="millwright")]
    violations = _violations(error)
    if violations:
        details.append(_packed("BadRequest", field_violations=violations))
    retry: Metadata = ()
    if error.http_status in _WORTH_RETRYING:
        details.append(_packed("RetryInfo", retry_delay={"seconds": _RETRY_S}))
        retry = (("grpc-retry-pushback-ms", str(_RETRY_S * 1_000)),)
    status = MESSAGES["Status"](code=status_code(error).value[0], message=status_message(error), details=details)
    return (("grpc-status-details-bin", status.SerializeToString()), *retry)


def _violations(error: MillwrightError) -> list[dict[str, str]]:
    """What is wrong with rows, column by column; `rows[2].age` is the column `age` of the third row."""
    found = error.details.get("violations")
    if not isinstance(found, list):
        return []
    return [
        {
            "field": _cut(f"rows[{each['row']}].{each['column']}", _LONGEST_NAME),
            "description": _cut(f"expected {each['expected']}, found {each['found']}", _LONGEST_NAME),
        }
        for each in found[:_MOST_FIELDS]
    ]


def _packed(kind: str, **fields: Any) -> dict[str, Any]:
    message = MESSAGES[kind](**fields)
    return {"type_url": f"type.googleapis.com/google.rpc.{kind}", "value": message.SerializeToString()}


def _cut(text: str, longest: int) -> str:
    """Text of at most so many bytes."""
    data = text.encode("utf-8", "replace")
    if len(data) <= longest:
        return data.decode()
    return data[: longest - len(_CUT.encode())].decode("utf-8", "ignore") + _CUT
