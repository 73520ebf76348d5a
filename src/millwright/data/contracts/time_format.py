"""Dates and times written as text, in formats such as `M/D/YYYY`.

A format is written with the parts below, or as an explicit `strptime` format (anything with a `%`, as Rust's chrono
defines it). Parts that have a one-letter form also match numbers with a leading zero, and the other way round.

| part | is | part | is |
|---|---|---|---|
| `YYYY`, `YY` | year in four or two digits (69 and below: 2000s) | `HH`, `H` | hour, 0 to 23 |
| `MM`, `M` | month as a number | `hh`, `h` with `A` | hour, 1 to 12, with AM or PM |
| `MMM`, `MMMM` | month's English name, short or long | `mm`, `ss` | minute, second |
| `DD`, `D` | day | `.SSS` | fraction of a second, which may be absent |
| `T` | the letter between date and time | `Z` | offset from UTC, such as `+02:00` or `Z` |
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

DATE_FORMATS = ("YYYY-MM-DD",)  # when a contract names none
DATETIME_FORMATS = (
    "YYYY-MM-DDTHH:mm:ss.SSS",
    "YYYY-MM-DD HH:mm:ss.SSS",
    "YYYY-MM-DDTHH:mm",
    "YYYY-MM-DD HH:mm",
    "YYYY-MM-DD",
)
_PARTS = {
    "YYYY": "%Y",
    "YY": "%y",
    "MMMM": "%B",
    "MMM": "%b",
    "MM": "%m",
    "M": "%m",
    "DD": "%d",
    "D": "%d",
    "HH": "%H",
    "H": "%H",
    "hh": "%I",
    "h": "%I",
    "mm": "%M",
    "ss": "%S",
    "A": "%p",
    "Z": "%#z",
    "T": "T",
}
_PIECE = re.compile(r"\.S+|([A-Za-z])\1*|[^A-Za-z]")
_TIME = re.compile(r"%[HIMSTRrXcsf+]|%\.\d?f")
_ZONE = re.compile(r"%[#:]*z|%\+|%s")
# Four digits are asked for; the parser would take 6/28/24 for a day in the year 24.
_FIRST_YEAR, _LAST_YEAR = 1000, 9999


def to_strptime(written: str) -> str:
    """A format as `strptime` takes it.

    Raises:
        InvalidInputError: The format has a part that is none of the known ones, or no part at all.

    Example:
        >>> to_strptime("M/D/YYYY"), to_strptime("YYYY-MM-DD HH:mm")
        ('%m/%d/%Y', '%Y-%m-%d %H:%M')
    """
    if "%" in written:
        result = written
    else:
        pieces = [match[0] for match in _PIECE.finditer(written)]
        unknown = [piece for piece in pieces if piece[0].isalpha() and piece not in _PARTS]
        if unknown:
            raise InvalidInputError(
                f"Expected a date format of parts such as YYYY, MM, D, HH, mm, found '{unknown[0]}' in '{written}'.",
                hint="For example: M/D/YYYY, DD.MM.YYYY, YYYY-MM-DD HH:mm, or a strptime format such as %m/%d/%Y.",
            )
        result = "".join("%.f" if piece.startswith(".S") else _PARTS.get(piece, piece) for piece in pieces)
    if "%" not in result or not _is_usable(result):
        raise InvalidInputError(
            f"Expected a date format with a year, a month and a day, found '{written}'.",
            hint="For example: M/D/YYYY, DD.MM.YYYY, YYYY-MM-DD HH:mm, or a strptime format such as %m/%d/%Y.",
        )
    return result


def has_zone(written: str) -> bool:
    """Whether values in a format say how far they are from UTC."""
    return bool(_ZONE.search(to_strptime(written)))


def has_time(written: str) -> bool:
    """Whether values in a format say more than the day."""
    return bool(_TIME.search(to_strptime(written)))


def parse_dates(text: pl.Expr, formats: Sequence[str]) -> pl.Expr:
    """Dates from text without surrounding blanks; null where no format matches.

    Args:
        text: String values.
        formats: Tried in this order; none for ISO 8601.
    """
    parsed = pl.coalesce(
        text.str.strptime(pl.Date, to_strptime(written), strict=False) for written in formats or DATE_FORMATS
    )
    return pl.when(parsed.dt.year().is_between(_FIRST_YEAR, _LAST_YEAR)).then(parsed)


def parse_datetimes(text: pl.Expr, formats: Sequence[str]) -> pl.Expr:
    """Times, in microseconds, from text without surrounding blanks; null where no format matches.

    Args:
        text: String values.
        formats: Tried in this order, either all with an offset (the result is in UTC) or all without (it is naive);
            none for ISO 8601 without offset.
    """
    parsed = pl.coalesce(_datetimes(text, to_strptime(written)) for written in formats or DATETIME_FORMATS)
    return pl.when(parsed.dt.year().is_between(_FIRST_YEAR, _LAST_YEAR)).then(parsed)


def _datetimes(text: pl.Expr, strptime: str) -> pl.Expr:
    if not _TIME.search(strptime):  # a day alone is its midnight
        return text.str.strptime(pl.Date, strptime, strict=False).cast(pl.Datetime("us"))
    return text.str.strptime(pl.Datetime("us"), strptime, strict=False)


@lru_cache(maxsize=1024)
def _is_usable(strptime: str) -> bool:
    """Asked of the same few formats for every guess at a column's dates; each answer takes Polars 0.2 ms."""
    try:
        pl.Series(["x"]).str.strptime(pl.Datetime("us"), strptime, strict=False)
    except pl.exceptions.PolarsError:
        return False
    # Polars turns down a broken format by parsing nothing, so the parts are looked for.
    whole = re.search(r"%[FDxcs+]|%v", strptime)
    return bool(whole or all(re.search(part, strptime) for part in ("%[Yy]", "%-?[mbBh]", "%-?[de]")))
