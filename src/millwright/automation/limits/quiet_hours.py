"""Times of the week in which nothing begins, by the clock on the wall of a time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TEXT = re.compile(r"(?:(?P<days>[a-z,-]+)\s*)?(?:(?P<start>\d{1,2}:\d{2})\s*-\s*(?P<end>\d{1,2}:\d{2}))?")
_MOST_IN_A_ROW = 16  # adjoining hours that are followed; a week of them has no end


@dataclass(frozen=True, kw_only=True, slots=True)
class QuietHours:
    """A part of some days.

    Attributes:
        start: Where it begins, on the wall.
        end: Where it ends; on the following day when it is not after the start. `00:00` to `00:00` is the whole day.
        days: Days on which it begins, 0 for Monday.
    """

    start: time
    end: time
    days: frozenset[int] = frozenset(range(7))

    @classmethod
    def parse(cls, text: str) -> QuietHours:
        """Read `22:00-06:00`, `mon-fri 08:00-18:00`, or `sat,sun` for whole days.

        Raises:
            InvalidInputError: It is nothing of the kind.
        """
        matched = _TEXT.fullmatch(text.strip().lower())
        if matched is None or not (matched["days"] or matched["start"]):
            raise _no_hours(text)
        days = _days(matched["days"], text) if matched["days"] else frozenset(range(7))
        try:
            start, end = (_time(matched[each] or "00:00") for each in ("start", "end"))
        except ValueError as error:
            raise _no_hours(text) from error
        return cls(start=start, end=end, days=days)

    def end_of(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """When the quiet hours end in which a moment lies.

        Args:
            now: Aware.
            zone: Whose clock on the wall counts; hours that a change of clocks leaves out or doubles, too.

        Returns:
            In UTC; None when the moment lies outside.
        """
        today = now.astimezone(zone).date()
        for day in (today - timedelta(days=1), today):  # one that began yesterday may go on
            if day.weekday() not in self.days:
                continue
            last = day if self.end > self.start else day + timedelta(days=1)
            # Compared in UTC: two moments of one zone are compared by the wall, where an hour may come twice.
            begins, ends = _moment(day, self.start, zone), _moment(last, self.end, zone)
            if begins <= now < ends:
                return ends
        return None


def quiet_until(hours: Sequence[QuietHours], now: datetime, zone: ZoneInfo) -> datetime | None:
    """When it is no longer quiet: the end of all hours that follow one another without a gap.

    Returns:
        In UTC; None when it is not quiet now.
    """
    until: datetime | None = None
    for _ in range(_MOST_IN_A_ROW):
        ends = [end for each in hours if (end := each.end_of(until or now, zone)) is not None]
        if not ends:
            break
        until = max(ends)
    return until


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def _time(text: str) -> time:
    hour, _, minute = text.partition(":")
    return time(int(hour) % 24 if hour == "24" and minute == "00" else int(hour), int(minute))


def _days(text: str, whole: str) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if first not in _DAYS or (dash and last not in _DAYS):
            raise _no_hours(whole)
        begin, end = _DAYS.index(first), _DAYS.index(last or first)
        found |= {day % 7 for day in range(begin, end + 1 if end >= begin else end + 8)}
    return frozenset(found)


def _no_hours(text: str) -> InvalidInputError:
    return InvalidInputError(
        f"Expected quiet hours, found '{text}'.", hint="Write 22:00-06:00, mon-fri 08:00-18:00, or sat,sun."
    )
