"""Moments and durations as protobuf's JSON writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

from millwright.server.mlflow.failure import unfit

_DURATION = re.compile(r"(-?)(\d{1,12}(?:\.\d{1,9})?)s")


def timestamp(at: datetime) -> str:
    """A moment in RFC 3339, with milliseconds where there are some."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z").replace(".000Z", "Z")


def moment_of(text: str, parameter: str) -> datetime:
    """A moment in RFC 3339, cut to milliseconds.

    Raises:
        WireError: It is none.
    """
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return at.astimezone(UTC).replace(microsecond=at.microsecond // 1000 * 1000)
    except (ValueError, OverflowError):
        pass
    raise unfit(parameter, text, "Expected a time in RFC 3339, such as 2025-01-31T12:00:00.123Z.")


def duration(milliseconds: int) -> str:
    """A duration in protobuf's JSON: `1.500s`."""
    seconds, rest = divmod(abs(milliseconds), 1000)
    return f"{'-' if milliseconds < 0 else ''}{seconds}{f'.{rest:03d}' if rest else ''}s"


def duration_of(text: str, parameter: str) -> int:
    """A duration's milliseconds, cut towards zero.

    Raises:
        WireError: It is none.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise unfit(parameter, text, "Expected seconds, such as 1.5s.")
    milliseconds = int(Decimal(match[2]) * 1000)
    return -milliseconds if match[1] else milliseconds
