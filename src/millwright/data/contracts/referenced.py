"""The values that references allow, read once before a table is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import InvalidInputError, closest
from millwright.data.contracts.parsing import parse_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.data.contracts.context import ValidationContext
    from millwright.data.contracts.contract import Contract
    from millwright.data.contracts.reference import Reference


def referenced_values(
    contract: Contract, schema: Mapping[str, pl.DataType], context: ValidationContext
) -> dict[Reference, pl.DataFrame]:
    """Reference → the distinct values that may occur, named and typed as this table's columns.

    The other dataset's values are parsed as this contract says, so that `7` there is 7 here; those that are missing or
    none of the type match nothing.

    Args:
        contract: Whose references.
        schema: The parsed table's types.
        context: Where the other datasets are.

    Raises:
        InvalidInputError: Nothing was given to look them up in, or a column is not there.
        NotFoundError: There is no such dataset.
    """
    found = {}
    for reference in contract.references:
        rows = context.rows_of(reference.dataset, needed_by=f"reference of {', '.join(reference.columns)}")
        _require(contract, rows, reference.targets, reference.dataset)
        renamed = rows.select(
            pl.col(there).alias(here) for here, there in zip(reference.columns, reference.targets, strict=True)
        )
        parsed = _parsed(contract, renamed.unique().collect(engine="streaming"))
        typed = parsed.with_columns(pl.col(name).cast(schema[name], strict=False) for name in reference.columns)
        found[reference] = typed.drop_nulls().unique()
    return found


def reference_column(contract: Contract, rows: pl.LazyFrame, column: str, dataset: str) -> pl.Series:
    """All values of a column of another version of this table, parsed as the contract says.

    Args:
        contract: Has the column.
        rows: The other version; raw or typed.
        column: Which column.
        dataset: What the other version is called, for messages.

    Raises:
        InvalidInputError: It does not have the column.
    """
    _require(contract, rows, (column,), dataset)
    return _parsed(contract, rows.select(column).collect(engine="streaming"))[column]


def _require(contract: Contract, rows: pl.LazyFrame, names: Sequence[str], dataset: str) -> None:
    there = rows.collect_schema().names()
    for name in names:
        if name not in there:
            raise InvalidInputError(
                f"The contract '{contract.name}' looks for the column '{name}' in {dataset}, which does not have it.",
                hint=closest(name, there),
            )


def _parsed(contract: Contract, raw: pl.DataFrame) -> pl.DataFrame:
    return parse_columns(raw, contract.row_part(raw.columns)).frame.select(raw.columns)
