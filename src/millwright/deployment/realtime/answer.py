"""Answers to requests, and the one shape of an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from millwright.core.errors import MillwrightError
    from millwright.deployment.realtime.prediction import Prediction

JSON = b"application/json"
TEXT = b"text/plain; charset=utf-8"
HTML = b"text/html; charset=utf-8"

_TEXT_ERRORS = ("/v1/", "/v2")

_encode = msgspec.json.Encoder().encode


class Answer:
    """Status, body and what is to be logged; the app adds the headers that all answers share.

    Attributes:
        prediction: What was predicted, for the log and the headers; None for answers that predict nothing.
        headers: Headers of this answer only.
    """

    __slots__ = ("body", "content_type", "headers", "prediction", "status")

    def __init__(
        self,
        body: bytes,
        *,
        status: int = 200,
        content_type: bytes = JSON,
        prediction: Prediction | None = None,
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        self.body = body
        self.status = status
        self.content_type = content_type
        self.prediction = prediction
        self.headers = headers


def json_answer(value: Any, *, status: int = 200, prediction: Prediction | None = None) -> Answer:
    """An answer in JSON; a NaN or infinity among the values becomes null, since JSON has no form for it."""
    return Answer(_encode(value), status=status, prediction=prediction)


def has_text_errors(path: str) -> bool:
    """Whether the errors of a path are texts; see `error_answer`."""
    return path.startswith(_TEXT_ERRORS)


def error_answer(error: MillwrightError, path: str = "") -> Answer:
    """An error as the caller sees it: `{"error": {"code", "message", "hint", "details"}}`.

    Below `/v1` and `/v2` those four stand beside `error`, which is a text: the Open Inference Protocol has
    `{"error": <error message string>}`, and its clients fail on an object there.
    """
    headers: tuple[tuple[bytes, bytes], ...] = ()
    allowed = error.details.get("allowed")
    if error.http_status == 405 and isinstance(allowed, list):
        headers = ((b"allow", ", ".join(allowed).encode()),)
    elif error.http_status == 503:
        headers = ((b"retry-after", b"1"),)
    told = error.as_dict()
    if has_text_errors(path):
        told = {"error": str(error), **told["error"]}
    return Answer(_encode(told), status=error.http_status, headers=headers)
