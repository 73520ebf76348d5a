"""A raw table parsed to the types of its contract.

Values in text columns are compared with the missing codes first, then parsed; columns that have types already are
converted where that loses nothing. A value that cannot be parsed becomes null and is marked, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import InvalidInputError, closest
from millwright.data.contracts.boolean_text import parse_booleans
from millwright.data.contracts.column import ColumnContract, ColumnType
from millwright.data.contracts.contract import ExtraColumns
from millwright.data.contracts.number_text import parse_integers, parse_numbers
from millwright.data.contracts.time_format import has_zone, parse_dates, parse_datetimes

if TYPE_CHECKING:
    from millwright.data.contracts.contract import Contract

_STORED = {
    ColumnType.STRING: pl.String(),
    ColumnType.CATEGORY: pl.String(),
    ColumnType.INTEGER: pl.Int64(),
    ColumnType.NUMBER: pl.Float64(),
    ColumnType.BOOLEAN: pl.Boolean(),
    ColumnType.DATE: pl.Date(),
}


@dataclass(frozen=True, slots=True)
class ParsedTable:
    """A table in the types of its contract.

    Attributes:
        frame: The contract's columns in its order, each followed by its column of codes where one is asked for, then
            the extra columns that pass; as many rows as the raw table.
        unparsed: Column → mask of the rows whose value is there but none of the type; only columns that have any.
    """

    frame: pl.DataFrame
    unparsed: Mapping[str, pl.Series]


def parse_columns(raw: pl.DataFrame, contract: Contract) -> ParsedTable:
    """Parse a table.

    Args:
        raw: Text columns, typed columns or both; may be without rows.
        contract: Which columns, and how.

    Raises:
        InvalidInputError: A required column is missing (the closest one is named), there are extra columns and the
            contract refuses them, or a column is of a type that cannot be converted, such as a list.
    """
    extra = _extra_columns(raw, contract)
    present = [column for column in contract.columns if column.name in raw.columns]
    schema = raw.schema
    values = raw.lazy().select(_value(column, schema[column.name]) for column in present).collect()
    parsed = values.lazy().select(_parsed(column, values.schema[column.name]) for column in present).collect()
    unparsed = {
        name: values[name].is_not_null() & parsed[name].is_null()
        for name in parsed.columns
        if parsed[name].null_count() > values[name].null_count()
    }
    codes = raw.lazy().select(_code(column, schema[column.name]) for column in present if column.indicator).collect()
    return ParsedTable(_assembled(raw, parsed, codes, contract, extra), unparsed)


def stored_type(column: ColumnContract) -> pl.DataType:
    """The Polars type of a column's values once they are parsed from text."""
    if column.type is ColumnType.DATETIME:
        zoned = bool(column.formats) and has_zone(column.formats[0])
        return pl.Datetime("us", "UTC" if zoned else None)
    return _STORED[column.type]


def _extra_columns(raw: pl.DataFrame, contract: Contract) -> list[str]:
    names = list(contract.by_name)
    for column in contract.columns:
        if column.required and column.name not in raw.columns:
            raise InvalidInputError(
                f"The contract '{contract.name}' expects the column '{column.name}', which the table does not have.",
                hint=closest(column.name, [name for name in raw.columns if name not in names] or raw.columns),
            )
    extra = [name for name in raw.columns if name not in names]
    if extra and contract.extra is ExtraColumns.REFUSE:
        raise InvalidInputError(
            f"The contract '{contract.name}' refuses other columns than its own, found "
            f"{', '.join(repr(name) for name in extra[:5])}{' and more' if len(extra) > 5 else ''}.",
            hint=closest(extra[0], names) or "Add them to the contract, or set extra: allow.",
        )
    codes = {column.code_column for column in contract.columns if column.indicator}
    if contract.extra is ExtraColumns.DROP:
        return []
    if taken := codes & set(extra):
        raise InvalidInputError(
            f"The table has a column '{min(taken)}' already, where the contract's missing codes would go.",
            hint="Rename the column, or set indicator: false.",
        )
    return extra


def _assembled(
    raw: pl.DataFrame, parsed: pl.DataFrame, codes: pl.DataFrame, contract: Contract, extra: list[str]
) -> pl.DataFrame:
    columns: list[pl.Series] = []
    for column in contract.columns:
        absent = column.name not in parsed.columns
        empty = pl.Series(column.name, [None], dtype=stored_type(column)).new_from_index(0, raw.height)
        columns.append(empty if absent else parsed[column.name])
        if column.indicator:
            no_codes = pl.Series(column.code_column, [None], dtype=pl.String).new_from_index(0, raw.height)
            columns.append(no_codes if absent else codes[column.code_column])
    return pl.DataFrame([*columns, *(raw[name] for name in extra)])


def _is_text(dtype: pl.DataType) -> bool:
    return isinstance(dtype, (pl.String, pl.Categorical, pl.Enum))


def _value(column: ColumnContract, dtype: pl.DataType) -> pl.Expr:
    """The column with everything that means missing as null."""
    raw = pl.col(column.name)
    if isinstance(dtype, pl.Null):
        return raw.cast(pl.String)
    if _is_text(dtype):
        text = raw.cast(pl.String)
        stripped = text.str.strip_chars()
        kept = text if column.type is ColumnType.STRING else stripped
        missing = stripped.is_in(["", *column.missing]) if column.missing else stripped == ""
        return pl.when(~missing).then(kept).alias(column.name)
    if dtype.is_nested() or isinstance(dtype, (pl.Binary, pl.Object)):
        raise InvalidInputError(
            f"Expected values of type {column.type} in the column '{column.name}', found {dtype}.",
            hint="Convert the column first, or take it out of the contract.",
        )
    present = raw.fill_nan(None) if dtype.is_float() else raw
    numbers = [number for code in column.missing if (number := _number(code)) is not None]
    if numbers and dtype.is_numeric():
        return pl.when(~present.cast(pl.Float64).is_in(numbers)).then(present).alias(column.name)
    return present


def _code(column: ColumnContract, dtype: pl.DataType) -> pl.Expr:
    raw = pl.col(column.name)
    if _is_text(dtype):
        stripped = raw.cast(pl.String).str.strip_chars()
        return pl.when(stripped.is_in(column.missing)).then(stripped).alias(column.code_column)
    numbers = {number: code for code in column.missing if (number := _number(code)) is not None}
    if numbers and dtype.is_numeric():
        found = raw.cast(pl.Float64).replace_strict(numbers, default=None, return_dtype=pl.String)
        return found.alias(column.code_column)
    return pl.lit(None, dtype=pl.String).alias(column.code_column)


def _parsed(column: ColumnContract, dtype: pl.DataType) -> pl.Expr:
    value = pl.col(column.name)
    if isinstance(dtype, pl.String):
        return _from_text(column, value).alias(column.name)
    return _from_typed(column, value, dtype).alias(column.name)


def _from_text(column: ColumnContract, value: pl.Expr) -> pl.Expr:
    match column.type:
        case ColumnType.INTEGER:
            return parse_integers(value, column.formats)
        case ColumnType.NUMBER:
            return parse_numbers(value, column.formats)
        case ColumnType.BOOLEAN:
            return parse_booleans(value)
        case ColumnType.DATE:
            return parse_dates(value, column.formats)
        case ColumnType.DATETIME:
            return parse_datetimes(value, column.formats)
        case ColumnType.STRING | ColumnType.CATEGORY:
            return value


def _from_typed(column: ColumnContract, value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    nothing = pl.lit(None, dtype=stored_type(column))
    numeric = dtype.is_numeric() or isinstance(dtype, pl.Boolean)
    match column.type:
        case ColumnType.STRING | ColumnType.CATEGORY:
            return value.cast(pl.String)
        case ColumnType.NUMBER if numeric:
            number = value.cast(pl.Float64)
            return pl.when(number.is_finite()).then(number) if dtype.is_float() else number
        case ColumnType.INTEGER if numeric:
            whole = value.cast(pl.Int64, strict=False)
            return whole if dtype.is_integer() else pl.when(whole == value).then(whole)
        case ColumnType.BOOLEAN if numeric:
            return pl.when(value == 1).then(True).when(value == 0).then(False)
        case ColumnType.DATE if isinstance(dtype, (pl.Date, pl.Datetime)):
            return value.cast(pl.Date)
        case ColumnType.DATETIME if isinstance(dtype, (pl.Date, pl.Datetime)):
            zone = "UTC" if isinstance(dtype, pl.Datetime) and dtype.time_zone else None
            return value.cast(pl.Datetime("us", zone))
        case _:
            return nothing


def _number(code: str) -> float | None:
    try:
        return float(code)
    except ValueError:
        return None
