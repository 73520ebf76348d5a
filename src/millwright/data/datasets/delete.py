"""Delete: the rows of a version without some."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import InvalidInputError, closest
from millwright.core.records.dataset import DatasetOperation
from millwright.data.datasets.change import Base, Change, RowCounts
from millwright.data.datasets.content_digest import content_digest
from millwright.data.datasets.data_file import DataFile, write_file
from millwright.data.datasets.layout import THREADS, write_rows
from millwright.data.datasets.table_error import table_errors

if TYPE_CHECKING:
    from millwright.data.datasets.snapshot import Snapshot

_FLAG = "\0flag"  # no column of a table has such a name


def delete(base: Base, condition: str | pl.Expr) -> Change | None:
    """Write anew the files that hold a row for which a condition is true, without those rows.

    A row for which the condition is null stays, as in SQL. The columns that the condition names are read of the whole
    table; rows that lie together cost a few files, scattered ones every file that holds one.

    Args:
        base: The version to change.
        condition: As SQL, such as `cost < 0 AND name IS NULL`, or as a Polars expression. It may compare with
            aggregates of the whole table.

    Returns:
        None when no row goes.

    Raises:
        InvalidInputError: The condition cannot be understood, names a column that is not there, or is none.
    """
    snapshot = base.snapshot
    flags = _flags(snapshot, condition, base.record.ref)
    ends = list(accumulate(file.rows for file in snapshot.files))
    pieces = [(file, flags[end - file.rows : end]) for file, end in zip(snapshot.files, ends, strict=True)]
    hit = [(file, piece) for file, piece in pieces if piece.any()]
    removed = int(flags.sum())
    if not removed:
        return None
    counts = RowCounts(removed=removed, unchanged=base.record.rows - removed)
    if base.is_old:
        rows = snapshot.read().filter(~flags)
        added = tuple(write_rows(snapshot.uri, rows, place=1))
        return Change(
            operation=DatasetOperation.DELETE,
            base=base,
            schema=snapshot.schema,
            added=added,
            whole=True,
            counts=counts,
            columns=base.record.columns,
            digest=content_digest(rows),
        )
    with table_errors(snapshot.uri), ThreadPoolExecutor(THREADS) as pool:
        written = list(pool.map(partial(_without, snapshot), hit))
    return Change(
        operation=DatasetOperation.DELETE,
        base=base,
        schema=snapshot.schema,
        added=tuple(file for file in written if file is not None),
        removed=tuple(file for file, _ in hit),
        counts=counts,
        columns=base.record.columns,
    )


def _without(snapshot: Snapshot, piece: tuple[DataFile, pl.Series]) -> DataFile | None:
    file, flags = piece
    if flags.all():
        return None
    return write_file(snapshot.uri, snapshot.read_file(file).filter(~flags), file.place)


def _flags(snapshot: Snapshot, condition: str | pl.Expr, ref: str) -> pl.Series:
    """Which rows the condition is true for."""
    try:
        expression = pl.sql_expr(condition) if isinstance(condition, str) else condition
    except pl.exceptions.PolarsError as error:
        raise _no_condition(condition, error) from error
    named = expression.meta.root_names()
    for name in named:
        if name not in snapshot.schema:
            raise InvalidInputError(f"{ref} has no column '{name}'.", hint=closest(name, snapshot.schema))
    # One column at least, so that a condition without any still has the table's height.
    columns = list(dict.fromkeys(named)) or list(snapshot.schema)[:1]
    rows = snapshot.read(columns)
    try:
        flags = rows.with_columns(expression.alias(_FLAG)).get_column(_FLAG)
    except pl.exceptions.PolarsError as error:
        raise _no_condition(condition, error) from error
    if not isinstance(flags.dtype, pl.Boolean):
        raise InvalidInputError(
            f"Expected a condition that is true or false for a row, found one that gives {flags.dtype}: {condition}.",
            hint="For example: cost < 0 AND name IS NULL.",
        )
    return flags.fill_null(value=False)


def _no_condition(condition: str | pl.Expr, error: Exception) -> InvalidInputError:
    return InvalidInputError(
        f"Expected a condition in SQL, found {str(condition)[:200]!r}: {' '.join(str(error).split())[:200]}.",
        hint="For example: cost < 0 AND name IS NULL.",
    )
