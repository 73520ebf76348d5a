"""Spans of time as people write them: `2d`, `36h`, `90m`."""

from __future__ import annotations

import re
from datetime import timedelta

from millwright.core.errors import InvalidInputError

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_WRITTEN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([smhdw])\s*")


def parse_duration(text: str) -> timedelta:
    """A span from a number and a unit: s, m (minutes), h, d or w.

    Raises:
        InvalidInputError: The text is no such span, or the span is zero.

    Example:
        >>> parse_duration("36h")
        datetime.timedelta(days=1, seconds=43200)
    """
    found = _WRITTEN.fullmatch(text)
    span = timedelta(seconds=float(found[1]) * _UNITS[found[2]]) if found else timedelta()
    if not span:
        raise InvalidInputError(
            f"Expected a span of time above zero, found '{text}'.", hint="Write for example 2d, 36h, 90m or 1w."
        )
    return span


def write_duration(span: timedelta) -> str:
    """A span in the largest unit that divides it; `parse_duration` gives the same span, to the microsecond."""
    for unit in ("w", "d", "h", "m"):
        number, rest = divmod(span, timedelta(seconds=_UNITS[unit]))
        if not rest:
            return f"{number}{unit}"
    micros = span // timedelta(microseconds=1)
    return f"{micros // 1_000_000}{f'.{micros % 1_000_000:06d}'.rstrip('0').rstrip('.')}s"
