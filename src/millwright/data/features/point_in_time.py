"""History as it was known at a moment: aggregates over earlier events of the same entity, without a look ahead.

For each row, only events count whose outcome was known *before* the row's moment: an event that becomes known at the
very same moment does not. Events are put in the order in which they became known and accumulated per entity; each row
then takes what the latest event before its moment had accumulated. The cost is two sorts and one as-of join, however
many events an entity has.

A row that is itself among the events counts in its own history only when its outcome was known before its moment, which
in sound data cannot be; let a contract's rule (`ended >= started`) see to that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import InvalidInputError, closest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ROW = "__millwright_row"
_MOMENT = "__millwright_moment"


class AggregateKind(StrEnum):
    """What is taken over an entity's earlier events."""

    COUNT = "count"  # Int64, 0 without history: number of events, or of values that are there when a column is named
    SUM = "sum"  # 0 without history
    MEAN = "mean"  # Float64, null without history
    MINIMUM = "min"  # null without history
    MAXIMUM = "max"  # null without history
    LAST = "last"  # the latest value that is there; of values known at the same moment, the one further down; else null


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One aggregate.

    Attributes:
        kind: What is taken.
        column: Over which column of the events; values that are null are passed over. May be absent for `count`.
    """

    kind: AggregateKind
    column: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """How rows and events belong together.

    Attributes:
        entity: The columns, in both tables, that say whose history it is. A null there is nobody: no history.
        at: The rows' column with the moment of which the history is wanted. Null: no history.
        known_at: The events' column with the moment since when their outcome is known; of the same type as `at`.
            Null: not known yet.
        aggregates: Name of the new column → what it holds.
    """

    entity: tuple[str, ...]
    at: str
    known_at: str
    aggregates: Mapping[str, Aggregate]


def history_as_known(rows: pl.DataFrame, events: pl.DataFrame, history: History) -> pl.DataFrame:
    """Add aggregates over what was known of each row's entity at the row's moment.

    Args:
        rows: n rows, in any order.
        events: Any number of events, in any order; may be the same table.
        history: Which events belong to which rows, and what is wanted of them.

    Returns:
        The rows in their order with one more column per aggregate. Sums of floats are accumulated in the order in which
        the events became known. A sum or mean that has met NaN stays NaN; minimum and maximum pass over it.

    Raises:
        InvalidInputError: A column is absent, a new one exists already, or the two moments differ in type.

    Example:
        >>> phases = pl.DataFrame(
        ...     {"building": ["a", "a", "a"], "start": [1, 3, 5], "end": [3, 4, 9], "late": [7, 0, 2]}
        ... )
        >>> history = History(
        ...     entity=("building",), at="start", known_at="end",
        ...     aggregates={"mean_late": Aggregate(AggregateKind.MEAN, "late")},
        ... )
        >>> history_as_known(phases, phases, history)["mean_late"].to_list()
        [None, None, 3.5]
    """
    _check(rows, events, history)
    entity = list(history.entity)
    known = (
        events.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in [*entity, history.known_at]))
        .sort(history.known_at, maintain_order=True)
        .select(*entity, pl.col(history.known_at).alias(_MOMENT), *_accumulated(history))
    )
    asked = rows.select(*entity, pl.col(history.at).alias(_MOMENT)).with_row_index(_ROW)
    asked = asked.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in [*entity, _MOMENT]))
    found = asked.sort(_MOMENT).join_asof(
        known, on=_MOMENT, by=entity, strategy="backward", allow_exact_matches=False, check_sortedness=False
    )
    names = list(history.aggregates)
    placed = pl.select(pl.int_range(rows.height, dtype=pl.UInt32).alias(_ROW)).join(
        found.select(_ROW, *names), on=_ROW, how="left", maintain_order="left"
    )
    zeros = [
        pl.col(name).fill_null(0)
        for name, aggregate in history.aggregates.items()
        if aggregate.kind in {AggregateKind.COUNT, AggregateKind.SUM}
    ]
    return rows.with_columns(placed.select(names).with_columns(zeros).get_columns())


def _accumulated(history: History) -> Iterator[pl.Expr]:
    for name, aggregate in history.aggregates.items():
        yield _running(aggregate).over(list(history.entity)).alias(name)


def _running(aggregate: Aggregate) -> pl.Expr:
    """The aggregate over an entity's events so far, for each of its events."""
    if aggregate.column is None:
        return pl.int_range(1, pl.len() + 1, dtype=pl.Int64)
    values = pl.col(aggregate.column)
    count = values.is_not_null().cast(pl.Int64).cum_sum()
    match aggregate.kind:
        case AggregateKind.COUNT:
            return count
        case AggregateKind.SUM:
            return (values + 0).fill_null(0).cum_sum()  # a boolean plus 0 is a number
        case AggregateKind.MEAN:
            return pl.when(count > 0).then(values.cast(pl.Float64).fill_null(0).cum_sum() / count)
        case AggregateKind.MINIMUM:
            return values.cum_min().forward_fill()
        case AggregateKind.MAXIMUM:
            return values.cum_max().forward_fill()
        case AggregateKind.LAST:
            return values.forward_fill()


def _check(rows: pl.DataFrame, events: pl.DataFrame, history: History) -> None:
    needed = [aggregate.column for aggregate in history.aggregates.values() if aggregate.column is not None]
    _check_columns("rows", rows, [*history.entity, history.at])
    _check_columns("events", events, [*history.entity, history.known_at, *needed])
    for name, aggregate in history.aggregates.items():
        if name in rows.columns:
            raise InvalidInputError(f"The rows have a column '{name}' already.", hint="Name the aggregate otherwise.")
        if aggregate.column is None and aggregate.kind is not AggregateKind.COUNT:
            raise InvalidInputError(
                f"Expected a column for the aggregate '{name}' ({aggregate.kind}), found none.",
                hint="Only count can do without.",
            )
    if rows.schema[history.at] != events.schema[history.known_at]:
        raise InvalidInputError(
            f"Expected moments of one type, found {rows.schema[history.at]} in '{history.at}' and "
            f"{events.schema[history.known_at]} in '{history.known_at}'.",
            hint="Cast one of them; think of the time of day at which a date is known.",
        )


def _check_columns(what: str, frame: pl.DataFrame, names: Sequence[str]) -> None:
    for name in names:
        if name not in frame.columns:
            raise InvalidInputError(f"The {what} have no column '{name}'.", hint=closest(name, frame.columns))
