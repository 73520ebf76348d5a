"""Moments and lengths of time in sentences that people read; records and JSON keep ISO 8601."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def told_moment(at: datetime) -> str:
    """A moment to the second, in UTC.

    Example:
        >>> from datetime import datetime, UTC
        >>> told_moment(datetime(2026, 11, 22, 9, 30, 0, 5, tzinfo=UTC))
        '2026-11-22 09:30:00 UTC'
    """
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def told_length(length: timedelta) -> str:
    """A length of time in the largest unit of which it is a whole number; else in the largest that it holds twice.

    Args:
        length: 0 or longer; weeks are told as days.

    Example:
        >>> from datetime import timedelta
        >>> [told_length(timedelta(seconds=each)) for each in (30, 90, 3600, 5400, 100_000, 172_800)]
        ['30 seconds', '90 seconds', '1 hour', '90 minutes', '27.8 hours', '2 days']
    """
    seconds = length.total_seconds()
    for unit, size in _UNITS:
        if seconds >= size and seconds % size == 0:
            whole = int(seconds // size)
            if whole <= 120 or unit == "day":  # 100,000 seconds say nothing
                return f"{whole:,} {unit}{'s' * (whole != 1)}"
    unit, size = next((each for each in _UNITS if seconds >= 2 * each[1]), _UNITS[-1])
    return f"{seconds / size:.3g} {unit}s"
