"""Which moments a cron expression means in a time zone.

The rules are those of Debian's cron, as CronSim has them. Where clocks are put forward, a fixed time that does not
exist is the first moment after the gap; where they are put back, a fixed time comes once, the first time. Expressions
with `*` in the minutes or hours follow the clock on the wall: an hour that comes twice counts twice.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from millwright.core.errors import InvalidInputError, closest

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECOND = timedelta(seconds=1)
_TWICE = timedelta(hours=2)
_NAMED = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


def check_cron(expression: str, tz: str) -> str:
    """An expression that can be used: without needless blanks, and names such as `@daily` written out.

    Raises:
        InvalidInputError: It is none, it never comes, or there is no such time zone.
    """
    plain = " ".join(expression.split())
    plain = _NAMED.get(plain.lower(), plain)
    if next_time(plain, tz, datetime(2024, 1, 1, tzinfo=UTC)) is None:
        raise InvalidInputError(f"The cron expression '{expression}' never comes.", hint=_HINT)
    return plain


def next_time(expression: str, tz: str, after: datetime) -> datetime | None:
    """The first time later than a moment, in UTC; None when there is none within some decades.

    Raises:
        InvalidInputError: The expression is none, or there is no such time zone.
    """
    # In an hour that comes twice CronSim begins at its first time, and so may give what has gone.
    return next((moment for moment in _times(expression, tz, after) if moment > after), None)


def times_until(expression: str, tz: str, since: datetime, until: datetime, *, most: int) -> list[datetime]:
    """The times from `since` to `until`, both included, in order; the newest of them when there are more than `most`.

    Raises:
        InvalidInputError: The expression is none, or there is no such time zone.
    """
    found: list[datetime] = []
    # Backwards, so that a schedule of every second that nobody looked at for a year is no work; from later on, for
    # the same reason as above; six fields have no such rule.
    start = until.replace(microsecond=0) + (_TWICE if len(expression.split()) == 5 else _SECOND)
    for moment in _times(expression, tz, start, reverse=True):
        if moment < since or len(found) == most:
            break
        if moment <= until and moment not in found[-1:]:
            found.append(moment)
    return found[::-1]


def _times(expression: str, tz: str, start: datetime, *, reverse: bool = False) -> Iterator[datetime]:
    from cronsim import CronSim, CronSimError

    try:
        for moment in CronSim(expression, start.astimezone(_zone(tz)), reverse=reverse):
            yield moment.astimezone(UTC)
    except CronSimError as error:
        raise InvalidInputError(f"Expected a cron expression, found '{expression}': {error}.", hint=_HINT) from error


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC  # CronSim is exact and fast in it
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise InvalidInputError(
            f"There is no time zone '{name}'.",
            hint=closest(name, available_timezones()) or "Such as: Europe/Berlin, America/New_York, UTC.",
        ) from error


_HINT = "Five fields: minute hour day month weekday, such as '0 2 * * *' for every night at two."
