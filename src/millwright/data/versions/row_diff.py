"""Which rows of two tables differ: by key, or as multisets where there is none.

Columns are read one at a time, so that memory holds the keys (or a hash of 128 bits per row) and two columns, not two
tables. Equal means: both null, both NaN, or equal values; 0.0 equals -0.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

_HERE, _THERE = "__millwright_before", "__millwright_after"
_SEEDS = (0x6D696C6C, 0x77726967)


@dataclass(frozen=True, kw_only=True, slots=True)
class RowExample:
    """One row that differs.

    Attributes:
        change: `added`, `removed` or `changed`.
        key: The key's columns and values; empty without a key.
        before: Values in the first table: of the columns that differ, or of all where the row is in one table only.
        after: The same in the second table.
    """

    change: str
    key: Mapping[str, Any]
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class RowChanges:
    """How the rows of two tables differ.

    Attributes:
        key: The columns that rows were matched by; none: rows were compared as multisets.
        added: Rows of the second table alone.
        removed: Rows of the first table alone.
        changed: Rows with the same key and other values; always 0 without a key.
        by_column: How many of the changed rows differ in each column, the most frequent first; none that is 0.
        examples: Some of each kind.
    """

    key: tuple[str, ...]
    added: int
    removed: int
    changed: int
    by_column: Mapping[str, int] = field(default_factory=dict)
    examples: tuple[RowExample, ...] = ()


def diff_by_key(
    before: pl.LazyFrame, after: pl.LazyFrame, *, key: Sequence[str], columns: Sequence[str], examples: int = 3
) -> RowChanges:
    """Match the rows of two tables by key and compare the others of their columns.

    Args:
        before: The first table; rows in an order that stays.
        after: The second.
        key: Columns of both tables, of the same type in both; null and NaN are values like others.
        columns: Columns of both tables that are compared, of the same type in both.
        examples: How many to give of each kind.

    Raises:
        InvalidInputError: A table has a key more than once.
    """
    names = tuple(key)
    pairs = _pairs(before, after, names)
    both = pairs.drop_nulls([_HERE, _THERE])
    here, there = both.get_column(_HERE), both.get_column(_THERE)
    differs = pl.repeat(value=False, n=both.height, eager=True, dtype=pl.Boolean)
    counts: dict[str, int] = {}
    for column in columns:
        left, right = (_values(table, column, at) for table, at in ((before, here), (after, there)))
        unequal = left.ne_missing(right)
        found = int(unequal.sum())
        if found:
            counts[column] = found
            differs = differs | unequal
    alone = {
        "added": pairs.filter(pl.col(_HERE).is_null()).get_column(_THERE),
        "removed": pairs.filter(pl.col(_THERE).is_null()).get_column(_HERE),
    }
    shown = [*_alone(after, "added", alone["added"], names, examples)]
    shown += _alone(before, "removed", alone["removed"], names, examples)
    shown += _changed(before, after, both.filter(differs).head(examples), names, tuple(counts))
    return RowChanges(
        key=names,
        added=len(alone["added"]),
        removed=len(alone["removed"]),
        changed=int(differs.sum()),
        by_column=dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))),
        examples=tuple(shown),
    )


def diff_as_multisets(
    before: pl.LazyFrame, after: pl.LazyFrame, *, columns: Sequence[str], examples: int = 3
) -> RowChanges:
    """Compare two tables as multisets of rows: a row that is twice in one and once in the other is one that differs.

    Rows are told apart by two hashes of 64 bits each.

    Args:
        before: The first table.
        after: The second.
        columns: Columns of both tables that are compared, of the same type in both.
        examples: How many to give of each kind.
    """
    left, right = _hashed(before, columns), _hashed(after, columns)
    counted = (
        left.group_by("a", "b")
        .len()
        .join(right.group_by("a", "b").len(), on=["a", "b"], how="full", coalesce=True, suffix="_after")
        .select(
            "a", "b", more=pl.col("len_after").fill_null(0).cast(pl.Int64) - pl.col("len").fill_null(0).cast(pl.Int64)
        )
    )
    found: list[RowExample] = []
    totals: dict[str, int] = {}
    for change, table, rows, sign in (("added", after, right, 1), ("removed", before, left, -1)):
        more = counted.filter(pl.col("more") * sign > 0)
        totals[change] = int(more.get_column("more").sum()) * sign
        differing = rows.join(more, on=["a", "b"], how="semi")
        first = differing.group_by("a", "b").agg(pl.col("row").min()).get_column("row").sort()
        found += _alone(table, change, first, (), examples)
    return RowChanges(key=(), added=totals["added"], removed=totals["removed"], changed=0, examples=tuple(found))


def _pairs(before: pl.LazyFrame, after: pl.LazyFrame, key: tuple[str, ...]) -> pl.DataFrame:
    """Row numbers of both tables by key; null in the one that lacks it."""
    sides = []
    for table, name in ((before, _HERE), (after, _THERE)):
        keys = table.select(key).with_row_index(name).collect(engine="streaming")
        doubled = keys.height - keys.select(pl.struct(key).n_unique()).item()
        if doubled:
            which = "first" if name == _HERE else "second"
            raise InvalidInputError(
                f"Expected each key ({', '.join(key)}) once, found {doubled:,} rows of the {which} table that repeat "
                "one.",
                hint="Name columns that tell rows apart with --key, or leave the key out to compare whole rows.",
            )
        sides.append(keys)
    joined = sides[0].join(sides[1], on=list(key), how="full", coalesce=True, nulls_equal=True)
    return joined.select(_HERE, _THERE).sort(_HERE, _THERE, nulls_last=True)


def _hashed(table: pl.LazyFrame, columns: Sequence[str]) -> pl.DataFrame:
    if not columns:
        return table.with_row_index("row").select("row", a=pl.lit(0), b=pl.lit(0)).collect(engine="streaming")
    row = pl.struct(columns)
    hashes = table.select(a=row.hash(_SEEDS[0]), b=row.hash(_SEEDS[1])).collect(engine="streaming")
    return hashes.with_row_index("row")


def _values(table: pl.LazyFrame, column: str, at: pl.Series) -> pl.Series:
    return table.select(column).collect(engine="streaming").to_series().gather(at)


def _rows(table: pl.LazyFrame, at: pl.Series, columns: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """A few rows, in the order asked for."""
    numbers = at.to_list()
    picked = table if columns is None else table.select(columns)
    found = picked.with_row_index("__row").filter(pl.col("__row").is_in(numbers)).collect(engine="streaming")
    by_number = {row.pop("__row"): row for row in found.to_dicts()}
    return [by_number[number] for number in numbers]


def _alone(table: pl.LazyFrame, change: str, at: pl.Series, key: tuple[str, ...], examples: int) -> list[RowExample]:
    shown = []
    for row in _rows(table, at.head(examples)) if len(at) else []:
        named = {name: row[name] for name in key}
        rest = {name: value for name, value in row.items() if name not in key}
        is_new = change == "added"
        shown.append(RowExample(change=change, key=named, before={} if is_new else rest, after=rest if is_new else {}))
    return shown


def _changed(
    before: pl.LazyFrame, after: pl.LazyFrame, pairs: pl.DataFrame, key: tuple[str, ...], columns: tuple[str, ...]
) -> list[RowExample]:
    if pairs.is_empty():
        return []
    wanted = [*key, *columns]
    left, right = _rows(before, pairs.get_column(_HERE), wanted), _rows(after, pairs.get_column(_THERE), wanted)
    return [
        RowExample(
            change="changed",
            key={name: one[name] for name in key},
            before={name: one[name] for name in columns if _unequal(one[name], other[name])},
            after={name: other[name] for name in columns if _unequal(one[name], other[name])},
        )
        for one, other in zip(left, right, strict=True)
    ]


def _unequal(one: Any, other: Any) -> bool:
    both_nan = isinstance(one, float) and isinstance(other, float) and one != one and other != other  # noqa: PLR0124
    return not both_nan and bool(one != other)
