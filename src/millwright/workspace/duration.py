"""Durations of the project file, and of requests and commands that say them in the same way."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d|w)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def read_duration(value: Any) -> timedelta:
    """A duration such as `90s`, `10m`, `24h`, `7d`, `2w`.

    Raises:
        ValueError: It is none, or not above zero.
    """
    if isinstance(value, timedelta):
        return value
    matched = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    found = timedelta(**{_UNITS[matched[2]]: float(matched[1])}) if matched else timedelta(0)
    if found <= timedelta(0):
        raise ValueError("expected a duration above zero, such as 90s, 10m, 24h, 7d or 2w")
    return found
