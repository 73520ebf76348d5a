"""Numbers written as text by people: `$1,234.50`, `12 %`, `(300)`, `1.234,50`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Collection

NUMBER_FORMATS = {
    "thousands": "1,234,567.5",
    "currency": "$5, 5 €, -$5",
    "percent": "12 % (becomes 0.12)",
    "accounting": "(5) for -5",
    "decimal_comma": "1.234,5 for 1234.5",
}
_CURRENCY = r"^([+-]?)\s*[$€£¥₹]\s*|\s*[$€£¥₹]$"
# Nobody writes a group of three digits behind a leading zero: 0,796 is less than one.
_GROUPED = r"^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$"
_COMMA_DECIMAL = r"^[+-]?([1-9]\d{0,2}(\.\d{3})+|\d+)(,\d*)?$"


def parse_numbers(text: pl.Expr, formats: Collection[str]) -> pl.Expr:
    """Float64 from text without surrounding blanks; null where it is no finite number.

    Plain numbers, with sign, decimal point and exponent, are always understood; `nan` and `inf` are not.

    Args:
        text: String values.
        formats: Further forms that occur, by the names in `NUMBER_FORMATS`. A comma is only taken out between groups of
            three digits, the first of which does not begin with a zero. With `decimal_comma`, a point is only taken for
            one that groups.
    """
    plain, percent = _plain(text, formats)
    number = plain.cast(pl.Float64, strict=False)
    if percent is not None:
        number = pl.when(percent).then(number / 100).otherwise(number)
    return pl.when(number.is_finite()).then(number)


def parse_integers(text: pl.Expr, formats: Collection[str]) -> pl.Expr:
    """Int64 from text without surrounding blanks; null where it is no whole number of 64 bits.

    `7.0` is whole. Args as for `parse_numbers`.
    """
    plain, percent = _plain(text, formats)
    if percent is not None:
        plain = pl.when(~percent).then(plain)
    return plain.str.replace(r"\.0*$", "").cast(pl.Int64, strict=False)


def _plain(text: pl.Expr, formats: Collection[str]) -> tuple[pl.Expr, pl.Expr | None]:
    """The text as a program would write the number, and which values had a percent sign."""
    percent = None
    if "percent" in formats:
        percent = text.str.ends_with("%")
        text = text.str.replace(r"\s*%$", "")
    if "accounting" in formats:
        text = text.str.replace(r"^\(\s*([^()]*?)\s*\)$", "-${1}")
    if "currency" in formats:
        text = text.str.replace(_CURRENCY, "${1}")
    if "decimal_comma" in formats:
        # What does not have that form is no number, rather than one a thousand times too large or small.
        text = (
            pl.when(text.str.contains(_COMMA_DECIMAL))
            .then(text.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True))
            .otherwise(None)
        )
    elif "thousands" in formats:
        grouped = text.str.contains(_GROUPED)
        text = pl.when(grouped).then(text.str.replace_all(",", "", literal=True)).otherwise(text)
    return text, percent
