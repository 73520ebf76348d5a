"""Partitions: a table in parts, each of which later steps are executed for by itself."""

from __future__ import annotations

import polars as pl

from millwright.core.errors import InvalidInputError, closest
from millwright.pipelines.context import StepContext
from millwright.pipelines.step import step


@step
def partitions(ctx: StepContext, table: pl.DataFrame, by: list[str]) -> list[pl.DataFrame]:
    """The parts of a table whose rows have the same values, for mapped steps: `score.map(partitions(table, ["site"]))`.

    A part that has not changed since the last run has the same content, so that what was computed of it is kept.

    Args:
        ctx: Given by the runner.
        table: N rows.
        by: Columns; missing values are a value of their own.

    Returns:
        The parts, in the order of their values, missing ones first; each with its rows in the table's order. None for a
        table without rows.

    Raises:
        InvalidInputError: A column is absent, or none is named.
    """
    if not by:
        raise InvalidInputError("Expected columns to part the table by, found none.", hint='For example ["site"].')
    for name in by:
        if name not in table.columns:
            raise InvalidInputError(f"Expected a column '{name}', found none.", hint=closest(name, table.columns))
    found = table.sort(by, maintain_order=True).partition_by(by, maintain_order=True)
    ctx.note(parts=len(found), rows=table.height)
    return found
