"""Corrected rows of a quarantine: by a file that was edited, or by SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import InvalidInputError, closest
from millwright.data.contracts.validation import REASONS_COLUMN, ROW_COLUMN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OWN_COLUMNS = (REASONS_COLUMN, ROW_COLUMN)


def by_rows(rows: pl.DataFrame, edited: pl.DataFrame) -> pl.DataFrame:
    """Rows with the values that an edited table has for them.

    Args:
        rows: The quarantine's rows.
        edited: Has `_row`, and some or all of the columns; rows that it lacks stay as they are. `_reasons` does not
            count. Text is converted to the type of its column.

    Raises:
        InvalidInputError: It has no `_row`, an unknown row or column, a row twice, or a value that is none of its
            column's type.
    """
    if ROW_COLUMN not in edited.columns:
        raise InvalidInputError(
            f"Expected the column '{ROW_COLUMN}' in the corrected rows, found {', '.join(edited.columns[:10])}.",
            hint="Edit the file that `mw data quarantine show NAME -o FILE` writes.",
        )
    changed = [name for name in edited.columns if name not in OWN_COLUMNS]
    _check_columns(changed, rows)
    numbered = edited.with_columns(_cast(edited, ROW_COLUMN, pl.Int64()))
    known = set(rows[ROW_COLUMN])
    for row, count in numbered[ROW_COLUMN].value_counts().iter_rows():
        if row not in known or count > 1:
            problem = "twice" if row in known else "unknown"
            raise InvalidInputError(
                f"Expected each row of the quarantine at most once, found {ROW_COLUMN} {row} ({problem}).",
                hint="The column says which row of the table a correction is for; leave it as it is.",
            )
    values = numbered.select(ROW_COLUMN, *(_cast(edited, name, rows.schema[name]) for name in changed))
    left = rows.filter(~pl.col(ROW_COLUMN).is_in(values[ROW_COLUMN].implode()))
    same = [name for name in rows.columns if name not in changed]
    corrected = rows.select(same).join(values, on=ROW_COLUMN, how="inner").select(rows.columns)
    return pl.concat([left, corrected]).sort(ROW_COLUMN)


def by_expressions(rows: pl.DataFrame, expressions: Mapping[str, str], where: str = "") -> pl.DataFrame:
    """Rows with some columns computed anew; each expression sees the values as they were.

    Args:
        rows: The quarantine's rows.
        expressions: Column → a SQL expression over the columns, `_row` and `_reasons` among them.
        where: A SQL condition; rows of which it is not true stay as they are. Empty for all rows.

    Raises:
        InvalidInputError: A column is unknown, or an expression is none, or gives another type.
    """
    _check_columns(list(expressions), rows)
    try:
        wanted = pl.sql_expr(where).fill_null(value=False) if where else pl.lit(value=True)
        computed = [
            pl.when(wanted).then(pl.sql_expr(text).cast(rows.schema[name])).otherwise(pl.col(name)).alias(name)
            for name, text in expressions.items()
        ]
        return rows.with_columns(computed)
    except pl.exceptions.PolarsError as error:
        raise _refused(error) from error


def by_query(rows: pl.DataFrame, query: str) -> pl.DataFrame:
    """Rows with the values that a SQL query gives for them.

    Args:
        rows: The quarantine's rows.
        query: A SELECT over the table `quarantine`; its result has `_row` and the columns that are corrected.

    Raises:
        InvalidInputError: The query is none, or its result does not fit, see `by_rows`.
    """
    try:
        result = pl.SQLContext({"quarantine": rows}).execute(query, eager=True)
    except pl.exceptions.PolarsError as error:
        raise _refused(error) from error
    return by_rows(rows, result)


def _check_columns(names: Sequence[str], rows: pl.DataFrame) -> None:
    known = [name for name in rows.columns if name not in OWN_COLUMNS]
    for name in names:
        if name not in known:
            raise InvalidInputError(
                f"Expected columns of the quarantine, found '{name}'.",
                hint=closest(name, known) or f"It has {', '.join(known[:10])}.",
            )


def _cast(edited: pl.DataFrame, name: str, dtype: pl.DataType) -> pl.Series:
    values = edited[name]
    if values.dtype == pl.String and dtype != pl.String:
        values = values.replace("", None)
    try:
        return values.cast(dtype)
    except pl.exceptions.PolarsError as error:
        raise InvalidInputError(
            f"Expected values of type {dtype} in the column '{name}' of the corrected rows: "
            f"{' '.join(str(error).split())[:200]}.",
            hint="Correct the value.",
        ) from error


def _refused(error: Exception) -> InvalidInputError:
    return InvalidInputError(
        f"The correction cannot be computed: {' '.join(str(error).split())[:200]}.",
        hint="Write SQL as Polars has it, names with blanks in double quotes: cost=REPLACE(cost, '$', '').",
    )
