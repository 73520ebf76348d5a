"""One raw column parsed to the type of its contract.

Text is parsed as it stands first. Only the values that this leaves over are looked at closely: stripped of blanks,
compared with the missing codes, parsed again. In most tables they are few, which makes this several times faster than
treating every value with care. The result is the same, since a missing code that could be parsed takes the long way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.boolean_text import parse_booleans
from millwright.data.contracts.column import TEXTUAL, ColumnContract, ColumnType
from millwright.data.contracts.number_text import parse_integers, parse_numbers
from millwright.data.contracts.time_format import has_zone, parse_dates, parse_datetimes

_STORED = {
    ColumnType.STRING: pl.String(),
    ColumnType.CATEGORY: pl.String(),
    ColumnType.INTEGER: pl.Int64(),
    ColumnType.NUMBER: pl.Float64(),
    ColumnType.BOOLEAN: pl.Boolean(),
    ColumnType.DATE: pl.Date(),
}
_BLANKS = r"^\s|\s$|^$"  # what `str.strip_chars` would change, or leave empty


@dataclass(frozen=True, slots=True)
class ParsedColumn:
    """A column in its contract's type.

    Attributes:
        values: Null where the value is missing or could not be parsed.
        unparsed: Mask of the values that are there but none of the type; None when there are none.
        codes: The missing codes that were found, null elsewhere; None when there are none.
    """

    values: pl.Series
    unparsed: pl.Series | None = None
    codes: pl.Series | None = None


def stored_type(column: ColumnContract) -> pl.DataType:
    """The Polars type of a column's values once they are parsed from text."""
    if column.type is ColumnType.DATETIME:
        zoned = bool(column.formats) and has_zone(column.formats[0])
        return pl.Datetime("us", "UTC" if zoned else None)
    return _STORED[column.type]


def is_text(dtype: pl.DataType) -> bool:
    """Whether a raw column is parsed as text."""
    return isinstance(dtype, (pl.String, pl.Categorical, pl.Enum, pl.Null))


def as_it_stands(column: ColumnContract) -> pl.Expr:
    """A text column parsed without further care; what needs it is null, or for text unchanged."""
    text = pl.col(column.name).cast(pl.String)
    if column.type is ColumnType.INTEGER and not column.formats:
        return text.cast(pl.Int64, strict=False).alias(column.name)
    return _from_text(column, text).alias(column.name)


def may_have_blanks(column: ColumnContract) -> pl.Expr:
    """Which values of a text column need a closer look: they may begin or end with a blank that counts, or be empty.

    Several times faster than a pattern: a first or last character behind "~" may be one of Unicode's blanks, one before
    "!" is an ASCII blank or a control character.
    """
    text = pl.col(column.name).cast(pl.String)
    first = (text < "!") | (text > "~")
    if column.type is ColumnType.STRING and not column.missing:
        return first.alias(column.name)  # text keeps its blanks; one of nothing but blanks begins with one
    last = text.str.tail(1)
    return (first | (last < "!") | (last > "~")).alias(column.name)


def finish_text(
    column: ColumnContract, raw: pl.Series, quick: pl.Series, blanks: pl.Series | None = None
) -> ParsedColumn:
    """Parse with care what `as_it_stands` left over.

    Args:
        column: The contract.
        raw: The column as it came; text.
        quick: The same parsed as it stands.
        blanks: For text and categories, what `may_have_blanks` gives.
    """
    text = raw.cast(pl.String)
    rows = _left_over(column, text, quick, blanks)
    if not rows.len():
        return ParsedColumn(quick)
    rest = pl.DataFrame({column.name: text.gather(rows)})
    stripped = pl.col(column.name).str.strip_chars()
    rest = rest.select(
        pl.when(stripped != "")
        .then(pl.col(column.name) if column.type is ColumnType.STRING else stripped)
        .alias("text"),
        stripped.is_in(column.missing).fill_null(value=False).alias("is_code"),
        stripped.alias("code"),
    ).with_columns(text=pl.when(~pl.col("is_code")).then("text"))
    rest = rest.with_columns(_from_text(column, pl.col("text")).alias("parsed"))
    values = quick.clone().scatter(rows, rest["parsed"].cast(quick.dtype))
    failed = rest["text"].is_not_null() & rest["parsed"].is_null()
    return ParsedColumn(
        values,
        _mask(raw.len(), rows.filter(failed)) if failed.any() else None,
        _placed(column, raw.len(), rows.filter(rest["is_code"]), rest["code"].filter(rest["is_code"])),
    )


def parse_typed(column: ColumnContract, raw: pl.Series) -> ParsedColumn:
    """Convert a column that has another type than text, where that loses nothing; NaN counts as missing.

    Raises:
        InvalidInputError: It holds lists, records, bytes or Python objects.
    """
    if raw.dtype.is_nested() or isinstance(raw.dtype, (pl.Binary, pl.Object)):
        raise InvalidInputError(
            f"Expected values of type {column.type} in the column '{column.name}', found {raw.dtype}.",
            hint="Convert the column first, or take it out of the contract.",
        )
    if column.type in _STORED and raw.dtype == _STORED[column.type] and not column.missing and _is_finite(raw):
        return ParsedColumn(raw)
    present = raw.fill_nan(None) if raw.dtype.is_float() else raw
    numbers = {number: code for code in column.missing if (number := _number(code)) is not None}
    codes = None
    if numbers and raw.dtype.is_numeric():
        codes = present.cast(pl.Float64).replace_strict(numbers, default=None, return_dtype=pl.String)
        present = present.set(codes.is_not_null(), None)
    values = pl.select(_from_typed(column, pl.lit(present), present.dtype).alias(column.name)).to_series()
    failed = present.is_not_null() & values.is_null() if values.null_count() > present.null_count() else None
    return ParsedColumn(values, failed, codes.alias(column.code_column) if codes is not None else None)


def _left_over(column: ColumnContract, text: pl.Series, quick: pl.Series, blanks: pl.Series | None) -> pl.Series:
    """The numbers of the rows that need care."""
    if column.type in TEXTUAL:
        suspects = pl.int_range(text.len(), eager=True) if blanks is None else blanks.arg_true()
        near = suspects.filter(text.gather(suspects).str.contains(_BLANKS))
        coded = text.is_in(column.missing).arg_true() if column.missing else near.clear()
        return pl.concat([near.cast(pl.UInt32), coded.cast(pl.UInt32)]).unique().sort()
    codes = pl.DataFrame({column.name: pl.Series(column.missing, dtype=pl.String)})
    if codes.select(_from_text(column, pl.col(column.name))).to_series().is_not_null().any():
        return text.is_not_null().arg_true()  # a code such as -999 is a number, too
    if quick.null_count() == text.null_count():
        return pl.Series([], dtype=pl.UInt32)
    return (quick.is_null() & text.is_not_null()).arg_true()


def _is_finite(raw: pl.Series) -> bool:
    """Whether no number is NaN or infinite: their sum would be; a sum that overflows is taken for one that is."""
    return not raw.dtype.is_float() or math.isfinite(raw.sum())


def _mask(height: int, rows: pl.Series) -> pl.Series:
    return pl.repeat(value=False, n=height, dtype=pl.Boolean, eager=True).scatter(rows, True)


def _placed(column: ColumnContract, height: int, rows: pl.Series, codes: pl.Series) -> pl.Series | None:
    if not column.indicator or not rows.len():
        return None
    return pl.repeat(None, height, dtype=pl.String, eager=True).scatter(rows, codes).alias(column.code_column)


def _from_text(column: ColumnContract, text: pl.Expr) -> pl.Expr:
    match column.type:
        case ColumnType.INTEGER:
            return parse_integers(text, column.formats)
        case ColumnType.NUMBER:
            return parse_numbers(text, column.formats)
        case ColumnType.BOOLEAN:
            return parse_booleans(text)
        case ColumnType.DATE:
            return parse_dates(text, column.formats)
        case ColumnType.DATETIME:
            return parse_datetimes(text, column.formats)
        case ColumnType.STRING | ColumnType.CATEGORY:
            return text


def _from_typed(column: ColumnContract, value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    numeric = dtype.is_numeric() or isinstance(dtype, pl.Boolean)
    match column.type:
        case ColumnType.STRING | ColumnType.CATEGORY:
            return value.cast(pl.String)
        case ColumnType.NUMBER if numeric:
            number = value.cast(pl.Float64)
            return pl.when(number.is_finite()).then(number) if dtype.is_float() else number
        case ColumnType.INTEGER if numeric:
            whole = value.cast(pl.Int64, strict=False)
            return whole if dtype.is_integer() or isinstance(dtype, pl.Boolean) else pl.when(whole == value).then(whole)
        case ColumnType.BOOLEAN if numeric:
            return pl.when(value == 1).then(True).when(value == 0).then(False)
        case ColumnType.DATE if isinstance(dtype, (pl.Date, pl.Datetime)):
            return value.cast(pl.Date)
        case ColumnType.DATETIME if isinstance(dtype, (pl.Date, pl.Datetime)):
            zone = "UTC" if isinstance(dtype, pl.Datetime) and dtype.time_zone else None
            return value.cast(pl.Datetime("us", zone))
        case _:
            return value.is_null().replace_strict({True: None, False: None}, return_dtype=stored_type(column))


def _number(code: str) -> float | None:
    try:
        return float(code)
    except ValueError:
        return None
