"""Answers: JSON as MLflow writes it, and whatever else a handler sends."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

JSON = b"application/json"
_LARGEST = 1.7976931348623157e308  # what a relational store makes of infinity, and so what clients get back
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

encode = msgspec.json.Encoder(enc_hook=str).encode


class Wire(msgspec.Struct, omit_defaults=True, kw_only=True):
    """Base of what is sent. Fields that have their default are left out, as protobuf's JSON leaves out what is unset.

    So `[]` and `None` as defaults make empty lists and absent values disappear, while a field without a default
    is always sent.
    """


class Answer:
    """Status, headers and body.

    Args:
        body: The bytes, or anything that is to be sent as JSON.
        status: The HTTP status.
        content_type: Of the body.
        headers: More headers, with names in lower case.
    """

    __slots__ = ("body", "content_type", "headers", "status")

    def __init__(
        self,
        body: Any = b"{}",
        *,
        status: int = 200,
        content_type: bytes = JSON,
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        self.body = body if isinstance(body, bytes) else encode(body)
        self.status = status
        self.content_type = content_type
        self.headers = headers


def number(value: float) -> float | str:
    """A metric's value as it is sent: NaN as text, infinities as the largest finite numbers."""
    if math.isfinite(value):
        return value
    if math.isnan(value):
        return "NaN"
    return _LARGEST if value > 0 else -_LARGEST


def millis(moment: datetime) -> int:
    """A moment as whole milliseconds since 1970."""
    return (moment - _EPOCH) // _MILLISECOND


def moment(milliseconds: int) -> datetime:
    """Milliseconds since 1970 as a moment.

    Raises:
        OverflowError: It lies beyond the year 9999, or before the year 1.
    """
    return _EPOCH + timedelta(milliseconds=milliseconds)
