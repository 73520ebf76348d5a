"""Whether a text column holds dates or times, and how they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from millwright.data.contracts.column import ColumnType
from millwright.data.contracts.time_format import has_time, has_zone, parse_dates, parse_datetimes
from millwright.data.contracts.value_count import ParsedCounts, ValueCounts

if TYPE_CHECKING:
    from collections.abc import Mapping

# Formats that differ in the order of day and month stand together, the custom that goes with the separator first.
_ORDERS: tuple[tuple[str, str], ...] = (
    ("M/D/YYYY", "D/M/YYYY"),
    ("D.M.YYYY", "M.D.YYYY"),
    ("D-M-YYYY", "M-D-YYYY"),
    ("M/D/YY", "D/M/YY"),
    ("D.M.YY", "M.D.YY"),
    ("D-M-YY", "M-D-YY"),
)
_UNAMBIGUOUS = (
    "YYYY-MM-DD",
    "YYYY/MM/DD",
    "YYYY.MM.DD",
    "D-MMM-YYYY",
    "D-MMM-YY",
    "D MMM YYYY",
    "D MMMM YYYY",
    "MMM D, YYYY",
    "MMMM D, YYYY",
)
_TIMES = (" HH:mm:ss.SSS", " HH:mm", " h:mm:ss A", " h:mm A")
_ISO_TIMES = ("THH:mm:ss.SSS", "THH:mm:ss.SSSZ", " HH:mm:ss.SSSZ", "THH:mm", "THH:mmZ")
_COMPACT = "YYYYMMDD"
_NAMED_DATE = re.compile(r"date|datum|fecha|(?:^|[_\W])(?:day|dt|on|at)(?:$|[_\W])", flags=re.IGNORECASE)
_MIN_SAMPLE_SHARE = 0.01  # a second way of writing may be rare
_MAX_FORMATS = 3
_LIKE_DATE = r"\d[-/. ][\dA-Za-z]|[A-Za-z]{3,9} \d|^\d{8}$"
_MIN_RESCUED = 0.9  # of what one format leaves over, another one must explain most


@dataclass(frozen=True, slots=True)
class DateGuess:
    """How a column's dates are written.

    Attributes:
        type: Date or datetime.
        formats: The format, and others that occur beside it.
        alternative: The first format with day and month exchanged, when the values fit both ways equally well.
        parsed: The values, parsed in `formats`.
    """

    type: ColumnType
    formats: tuple[str, ...]
    alternative: str | None
    parsed: ParsedCounts


def guess_date(values: ValueCounts, name: str) -> DateGuess | None:
    """How the dates are written; None when the column holds something else.

    Args:
        values: The column's values.
        name: The column's name, which decides whether eight digits may be a date.
    """
    candidates = [*_with_times(_UNAMBIGUOUS), *(f"YYYY-MM-DD{time}" for time in _ISO_TIMES)]
    candidates += [one for order in _ORDERS for written in order for one in _with_times((written,))]
    if _NAMED_DATE.search(name):
        candidates.append(_COMPACT)
    if not values.sample["value"].str.contains(_LIKE_DATE).any():
        return None
    shares = values.sample_shares({one: partial(_parse, formats=(one,)) for one in candidates})
    weights = {one: _parsed(values, (one,)).weight for one, share in shares.items() if share > _MIN_SAMPLE_SHARE}
    if not weights:
        return None
    first = max(weights, key=lambda one: weights[one])  # the first of equals
    formats = _completed(values, first, weights)
    parsed = _parsed(values, formats)
    if not parsed.is_plausible(typos=True):
        return None
    exchanged = _exchanged(first)
    alternative = exchanged if exchanged is not None and weights.get(exchanged) == weights[first] else None
    return DateGuess(_type(formats), formats, alternative, parsed)


def with_alternative(guess: DateGuess) -> tuple[str, ...]:
    """The guess's formats with day and month exchanged in the first."""
    return (guess.alternative or guess.formats[0], *guess.formats[1:])


def order_of(written: str) -> str | None:
    """`DM` or `MD`, the order of day and month where they could be taken for each other; else None."""
    day = written.partition(" ")[0]
    for order in _ORDERS:
        if day in order:
            return "DM" if day.startswith("D") else "MD"
    return None


def separator_of(written: str) -> str:
    """What stands between day and month."""
    return written.strip("DM")[0]


def _completed(values: ValueCounts, first: str, weights: Mapping[str, int]) -> tuple[str, ...]:
    """The format and those that explain what it leaves over, unless they exchange day and month."""
    formats: tuple[str, ...] = (first,)
    fitting = [one for one in weights if order_of(one) in {None, order_of(first)} and has_zone(one) is has_zone(first)]
    while len(formats) < _MAX_FORMATS:
        parsed = _parsed(values, formats)
        unread = pl.col("parsed").is_null() & pl.col("value").str.contains(r"\d")
        left = int(parsed.frame.filter(unread)["count"].sum())
        gains = {
            one: _parsed(values, (*formats, one)).weight - parsed.weight
            for one in fitting
            if one not in formats and left
        }
        best = max(gains, key=lambda one: gains[one], default=None)
        if best is None or gains[best] < _MIN_RESCUED * left:
            return formats
        formats = (*formats, best)
    return formats


def _parsed(values: ValueCounts, formats: tuple[str, ...]) -> ParsedCounts:
    return values.parsed(partial(_parse, formats=formats))


def _with_times(days: tuple[str, ...]) -> list[str]:
    return [*days, *(f"{day}{time}" for day in days for time in _TIMES)]


def _exchanged(written: str) -> str | None:
    day, blank, time = written.partition(" ")
    for order in _ORDERS:
        if day in order:
            return f"{order[1 - order.index(day)]}{blank}{time}"
    return None


def _type(formats: tuple[str, ...]) -> ColumnType:
    return ColumnType.DATETIME if any(has_time(one) for one in formats) else ColumnType.DATE


def _parse(text: pl.Expr, formats: tuple[str, ...]) -> pl.Expr:
    return parse_datetimes(text, formats) if _type(formats) is ColumnType.DATETIME else parse_dates(text, formats)
