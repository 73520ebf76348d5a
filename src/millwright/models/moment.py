"""Dates as numbers: ISO 8601 text, Python dates and datetimes to days since 1970-01-01, UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - all moments are brought to UTC and then kept naive
_MICROSECOND = timedelta(microseconds=1)
MICROSECONDS_PER_DAY = 86_400_000_000.0


def parse_moment(value: object) -> datetime | None:
    """A moment as a naive UTC datetime.

    Args:
        value: ISO 8601 text, a date (its midnight) or a datetime (a naive one counts as UTC).

    Returns:
        The moment, to the microsecond; None when the value is none of these or no valid date.
    """
    moment: datetime | None = None
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime(value.year, value.month, value.day)  # noqa: DTZ001
    elif isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
    if moment is not None and moment.tzinfo is not None:
        try:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
        except OverflowError:  # the first or last hours of year 1 or 9999 in another zone
            return None
    return moment


def days_since_epoch(moment: datetime) -> float:
    """Days since 1970-01-01 00:00 UTC, with the time of day as the fraction; negative before."""
    # To a float first and then divided, as the table's path does it: equal to the last bit.
    return float((moment - _EPOCH) // _MICROSECOND) / MICROSECONDS_PER_DAY
