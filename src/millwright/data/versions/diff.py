"""Two versions compared: columns, rows, and how far the values moved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.core.errors import InvalidInputError, closest
from millwright.data.datasets.snapshot import scan_files
from millwright.data.profiles.measuring import suspected
from millwright.data.profiles.record import HIDDEN
from millwright.data.versions.distribution import ColumnShift, column_shift
from millwright.data.versions.row_diff import RowChanges, RowExample, diff_as_multisets, diff_by_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from millwright.data.datasets.dataset import Dataset


@dataclass(frozen=True, kw_only=True, slots=True)
class Retyped:
    """A column that is of another type in the second table."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TableDiff:
    """How two tables differ.

    Attributes:
        before: What the first is called, such as `schedules@1`.
        after: What the second is called.
        identical: Whether their digests are equal; then nothing else was looked at.
        added_columns: Columns of the second alone, with their types.
        removed_columns: Columns of the first alone, with their types.
        retyped: Columns of both whose types differ; their values are not compared.
        rows: Of the first and of the second.
        changes: Which rows differ, by the columns of both that kept their type; None for identical tables.
        shifts: How far the values of each such column moved, the furthest first.
        hidden: Columns that are suspected to hold personal data: in examples `hidden` stands for their values, and
            shifts lack their means.
    """

    before: str
    after: str
    identical: bool
    rows: tuple[int, int]
    added_columns: tuple[tuple[str, str], ...] = ()
    removed_columns: tuple[tuple[str, str], ...] = ()
    retyped: tuple[Retyped, ...] = ()
    changes: RowChanges | None = None
    shifts: tuple[ColumnShift, ...] = ()
    hidden: tuple[str, ...] = ()


def diff(
    before: Dataset, after: Dataset, *, key: Sequence[str] = (), examples: int = 3, reveal: bool = False
) -> TableDiff:
    """Compare two versions, of one dataset or of two.

    Files that the versions share are left out when rows are matched. Memory holds the key columns of the others (or 16
    bytes per row without a key) and a column of each, not the tables; about three seconds for a million rows of 20
    columns.

    Args:
        before: The first version.
        after: The second.
        key: Columns that tell rows apart; none compares whole rows, as multisets.
        examples: How many rows of each kind to show.
        reveal: Whether to show values of columns that are suspected to hold personal data.

    Raises:
        InvalidInputError: A key column is not in both with the same type, or a key is more than once among the rows
            that are matched.
        IntegrityError: Rows are not there any more.
        StorageError: A table cannot be read.
    """
    one, other = before.record, after.record
    if one.digest == other.digest:
        return TableDiff(before=one.ref, after=other.ref, identical=True, rows=(one.rows, other.rows))
    names, rows = (one.ref, other.ref), _unshared(before, after)
    return diff_tables(before.scan(), after.scan(), names=names, key=key, examples=examples, reveal=reveal, rows=rows)


def diff_tables(
    before: pl.LazyFrame,
    after: pl.LazyFrame,
    *,
    names: tuple[str, str],
    key: Sequence[str] = (),
    examples: int = 3,
    reveal: bool = False,
    rows: tuple[pl.LazyFrame, pl.LazyFrame] | None = None,
) -> TableDiff:
    """Compare two tables; see `diff`.

    Args:
        before: The first table; rows in an order that stays.
        after: The second.
        names: What they are called.
        key: Columns that tell rows apart.
        examples: How many rows of each kind to show.
        reveal: Whether to show values of columns that are suspected to hold personal data.
        rows: Both tables without rows that are known to be the same in both; the tables themselves when None.
    """
    left, right = before.collect_schema(), after.collect_schema()
    common = [name for name in left if name in right and left[name] == right[name]]
    _check_key(key, left, right, names)
    if key:
        others = [name for name in common if name not in key]
        changes = diff_by_key(*(rows or (before, after)), key=key, columns=others, examples=examples)
    else:
        changes = diff_as_multisets(*(rows or (before, after)), columns=common, examples=examples)
    shifts, hidden = _shifts(before, after, common, reveal=reveal)
    if not reveal:
        hidden += [name for name in left if name not in common and suspected(_values(before, name))]
        hidden += [name for name in right if name not in common and suspected(_values(after, name))]
    return TableDiff(
        before=names[0],
        after=names[1],
        identical=False,
        rows=(_height(before), _height(after)),
        added_columns=tuple((name, str(right[name])) for name in right if name not in left),
        removed_columns=tuple((name, str(left[name])) for name in left if name not in right),
        retyped=tuple(
            Retyped(column=name, before=str(left[name]), after=str(right[name]))
            for name in left
            if name in right and left[name] != right[name]
        ),
        changes=replace(changes, examples=tuple(_discreet(example, set(hidden)) for example in changes.examples)),
        shifts=tuple(sorted(shifts, key=_how_far, reverse=True)),
        hidden=tuple(dict.fromkeys(hidden)),
    )


def _unshared(before: Dataset, after: Dataset) -> tuple[pl.LazyFrame, pl.LazyFrame] | None:
    """The rows in files that the versions do not share: those in shared files are the same in both."""
    if before.record.table_uri != after.record.table_uri:
        return None
    one, other = before.snapshot(), after.snapshot()
    shared = {file.path for file in one.files} & {file.path for file in other.files}
    left, right = (
        scan_files(each.uri, [file for file in each.files if file.path not in shared], each.schema)
        for each in (one, other)
    )
    return left, right


def _check_key(key: Sequence[str], left: pl.Schema, right: pl.Schema, names: tuple[str, str]) -> None:
    for column in key:
        for schema, name in ((left, names[0]), (right, names[1])):
            if column not in schema:
                raise InvalidInputError(
                    f"Expected the key column '{column}' in {name}, found none.", hint=closest(column, schema)
                )
        if left[column] != right[column]:
            raise InvalidInputError(
                f"Expected the key column '{column}' with one type, found {left[column]} in {names[0]} and "
                f"{right[column]} in {names[1]}.",
                hint="Name another key, or none.",
            )


def _shifts(
    before: pl.LazyFrame, after: pl.LazyFrame, columns: Sequence[str], *, reveal: bool
) -> tuple[list[ColumnShift], list[str]]:
    """How far the values of each column moved, and the columns whose values are to be hidden."""
    shifts, hidden = [], []
    for column in columns:
        one, other = _values(before, column), _values(after, column)
        shift = column_shift(one, other)
        if not reveal and (suspected(one) or suspected(other)):
            hidden.append(column)
            shift = replace(shift, means=None) if shift is not None and shift.kind == "number" else shift
        if shift is not None:
            shifts.append(shift)
    return shifts, hidden


def _values(table: pl.LazyFrame, column: str) -> pl.Series:
    return table.select(column).collect(engine="streaming").to_series()


def _discreet(example: RowExample, hidden: AbstractSet[str]) -> RowExample:
    def shown(values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: HIDDEN if name in hidden and value is not None else value for name, value in values.items()}

    return replace(example, key=shown(example.key), before=shown(example.before), after=shown(example.after))


def _height(table: pl.LazyFrame) -> int:
    return int(table.select(pl.len()).collect(engine="streaming").item())


def _how_far(shift: ColumnShift) -> float:
    """For the order alone: the index, or what stands for it in texts."""
    return shift.psi if shift.psi is not None else abs(shift.mean_shift or 0.0) / 5
