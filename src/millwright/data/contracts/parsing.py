"""A raw table parsed to the types of its contract.

Values in text columns are compared with the missing codes, then parsed; columns that have types already are converted
where that loses nothing. A value that cannot be parsed becomes null and is marked, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import InvalidInputError, closest
from millwright.data.contracts.column import TEXTUAL
from millwright.data.contracts.contract import ExtraColumns
from millwright.data.contracts.parsed_column import (
    as_it_stands,
    finish_text,
    is_text,
    may_have_blanks,
    parse_typed,
    stored_type,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.data.contracts.column import ColumnContract
    from millwright.data.contracts.contract import Contract
    from millwright.data.contracts.parsed_column import ParsedColumn


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
    """Parse a table; one that the contract has parsed before comes out the same, with its columns of codes.

    Args:
        raw: Text columns, typed columns or both; may be without rows.
        contract: Which columns, and how.

    Raises:
        InvalidInputError: A required column is missing (the closest one is named), there are extra columns and the
            contract refuses them, or a column is of a type that cannot be converted, such as a list.
    """
    extra = _extra_columns(raw, contract)
    present = [column for column in contract.columns if column.name in raw.columns]
    text = [column for column in present if is_text(raw.schema[column.name])]
    quick, blanks = pl.collect_all(
        [
            raw.lazy().select(as_it_stands(column) for column in text),
            raw.lazy().select(may_have_blanks(column) for column in text if column.type in TEXTUAL),
        ]
    )
    parsed = {
        column.name: finish_text(
            column,
            raw[column.name],
            quick[column.name],
            blanks[column.name] if column.name in blanks.columns else None,
        )
        if column.name in quick.columns
        else parse_typed(column, raw[column.name])
        for column in present
    }
    columns = [series for column in contract.columns for series in _columns(column, parsed.get(column.name), raw)]
    unparsed = {name: one.unparsed for name, one in parsed.items() if one.unparsed is not None}
    return ParsedTable(pl.DataFrame([*columns, *(raw[name] for name in extra)]), unparsed)


def _extra_columns(raw: pl.DataFrame, contract: Contract) -> list[str]:
    names = list(contract.by_name)
    for column in contract.columns:
        if column.required and column.name not in raw.columns:
            raise InvalidInputError(
                f"The contract '{contract.name}' expects the column '{column.name}', which the table does not have.",
                hint=closest(column.name, [name for name in raw.columns if name not in names] or raw.columns),
            )
    codes = {column.code_column for column in contract.columns if column.indicator}
    kept = {column.code_column for column in contract.columns if column.indicator and _holds_codes(raw, column)}
    extra = [name for name in raw.columns if name not in names and name not in kept]
    if extra and contract.extra is ExtraColumns.REFUSE:
        raise InvalidInputError(
            f"The contract '{contract.name}' refuses other columns than its own, found "
            f"{', '.join(repr(name) for name in extra[:5])}{' and more' if len(extra) > 5 else ''}.",
            hint=closest(extra[0], names) or "Add them to the contract, or set extra: allow.",
        )
    if contract.extra is ExtraColumns.DROP:
        return []
    if taken := codes & set(extra):
        raise InvalidInputError(
            f"The table has a column '{min(taken)}' already, where the contract's missing codes would go.",
            hint="Rename the column, or set indicator: false.",
        )
    return extra


def _holds_codes(raw: pl.DataFrame, column: ColumnContract) -> bool:
    """Whether a column's codes were put beside it when the table was parsed by this contract before."""
    schema = raw.schema
    is_parsed = column.name in schema and not is_text(schema[column.name])
    return is_parsed and column.code_column in schema and is_text(schema[column.code_column])


def _columns(column: ColumnContract, parsed: ParsedColumn | None, raw: pl.DataFrame) -> Iterator[pl.Series]:
    """A column of the contract, and its column of codes where one is asked for; null throughout when it is absent."""
    yield (
        pl.repeat(None, raw.height, dtype=stored_type(column), eager=True).alias(column.name)
        if parsed is None
        else parsed.values
    )
    if column.indicator:
        codes = None if parsed is None else parsed.codes
        if codes is None:
            codes = pl.repeat(None, raw.height, dtype=pl.String, eager=True).alias(column.code_column)
        if _holds_codes(raw, column):
            former = raw[column.code_column].cast(pl.String)
            codes = codes.zip_with(codes.is_not_null(), former).alias(column.code_column)
        yield codes
