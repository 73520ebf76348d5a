"""Whether a text column holds numbers, and how they are written."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import polars as pl

from millwright.data.contracts.column import ColumnType
from millwright.data.contracts.number_text import parse_integers, parse_numbers
from millwright.data.contracts.value_count import ParsedCounts, ValueCounts

_SIGNS = {"currency": r"[$€£¥₹]", "percent": r"%$", "accounting": r"^\(.*\)$"}
_MIN_SAMPLE_SHARE = 0.1
_LEADING_ZERO = r"^[+-]?0\d"
_LEADING_ZERO_SHARE = 0.005  # rarer ones are slips, not codes that would lose their zeros
_MAX_DIGITS = 15  # longer ones are identifiers, and no float64 holds them exactly


@dataclass(frozen=True, slots=True)
class NumberGuess:
    """How a column's numbers are written.

    Attributes:
        type: Integer or number.
        formats: Forms beside the plain one.
        parsed: The values, parsed.
    """

    type: ColumnType
    formats: tuple[str, ...]
    parsed: ParsedCounts


def guess_number(values: ValueCounts) -> NumberGuess | None:
    """How the numbers are written; None when the column holds something else, or identifiers made of digits."""
    shares = values.sample_shares({one: partial(parse_numbers, formats=one) for one in _candidates(values)})
    formats = max(shares, key=lambda one: shares[one])  # the first of equals, which has the fewest forms
    if shares[formats] < _MIN_SAMPLE_SHARE:
        return None
    parsed = values.parsed(partial(parse_numbers, formats=formats))
    if not parsed.is_plausible(typos=False) or _is_identifier(parsed):
        return None
    fraction = "," if "decimal_comma" in formats else "."  # 7.00 is written as a number that could have a fraction
    whole = parsed.fitting.select(
        parse_integers(pl.col("value"), formats).is_not_null().all()
        & ~pl.col("value").str.contains(fraction, literal=True).any()
    ).item()
    return NumberGuess(ColumnType.INTEGER if whole else ColumnType.NUMBER, formats, parsed)


def _candidates(values: ValueCounts) -> list[tuple[str, ...]]:
    text = values.sample["value"]
    signs = tuple(name for name, pattern in _SIGNS.items() if text.str.contains(pattern).any())
    if not text.str.contains(",", literal=True).any():
        return [(), signs] if signs else [()]
    return [(), (*signs, "thousands"), (*signs, "decimal_comma")]


def _is_identifier(parsed: ParsedCounts) -> bool:
    fitting = parsed.fitting
    zeros = fitting.filter(pl.col("value").str.contains(_LEADING_ZERO))["count"].sum()
    if zeros >= _LEADING_ZERO_SHARE * parsed.weight and zeros:
        return True
    return bool(fitting["value"].str.contains(rf"\d{{{_MAX_DIGITS + 1}}}").any() and _only_digits(fitting))


def _only_digits(fitting: pl.DataFrame) -> bool:
    return bool(fitting["value"].str.contains(r"^\d+$").all())
