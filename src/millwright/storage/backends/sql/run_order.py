"""The order of runs: as keys of one statement, or as a few statements that each go along an index.

In either direction numbers come first, then NaN, then runs without a value. So the rows with a number (segment 0), with
NaN (1) and without a value (2) are three statements: each goes along an index, and the later ones are not needed when
the first fills the page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from millwright.core.errors import InvalidInputError
from millwright.core.records.search import Field, Kind, Order
from millwright.storage.backends.sql.search_comparison import Sql
from millwright.storage.backends.sql.search_condition import RUN_ATTRIBUTES, attribute, pair_table
from millwright.storage.backends.sql.search_key import Key

if TYPE_CHECKING:
    from collections.abc import Sequence

START = Field(kind=Kind.ATTRIBUTE, key="start_time")
_ID = Field(kind=Kind.ATTRIBUTE, key="run_id")
_NUMBERS = 0
_NANS = 1
_MISSING = 2


class Segment(NamedTuple):
    """One statement's share of a result: what it reads, in which order.

    Attributes:
        source: What stands after FROM; `r` is the run.
        where: What chooses the rows; with one `?` for the experiment's number at `experiment`.
        keys: What it is sorted by; of every segment of an order the same number.
        rank: The value of its first key when that is the rank; 0 otherwise.
    """

    source: str
    where: Sql
    experiment: str
    keys: tuple[Key, ...]
    rank: int = _NUMBERS


def completed(order: Sequence[Order]) -> list[Order]:
    """The whole order of runs: what was asked for, then the latest start, then the id.

    Raises:
        InvalidInputError: A field is there twice.
    """
    fields = [each.field for each in order]
    if len(set(fields)) < len(fields):
        raise InvalidInputError("The order contains duplicate fields.", hint="Name each field once.")
    whole = list(order)
    if START not in fields:
        whole.append(Order(field=START, ascending=False))
    if _ID not in fields:
        whole.append(Order(field=_ID))
    return whole


def plain(order: Sequence[Order], start: str = "r") -> Segment:
    """One statement for everything, that sorts what it finds.

    Args:
        order: The whole order.
        start: The table whose index has the runs' starts in order.
    """
    joins, keys, values = "", list[Key](), list[str]()
    for number, each in enumerate(order):
        alias = f"o{number}"
        joins, keys, values = _add(each, alias, joins, keys, values)
    keys = [Key(f"{start}.started_at", key.ascending) if key.text == "r.started_at" else key for key in keys]
    return Segment(f"runs r{joins}", Sql("1 = 1", tuple(values)), "r", tuple(keys))


def segments(order: Sequence[Order]) -> list[Segment]:
    """Statements that each go along an index of the first key; one that sorts when there is no such index."""
    first, rest = order[0], order[1:]
    kind, key = first.field.kind, first.field.key
    if kind is Kind.METRIC:
        return _along_metric(first, rest)
    if kind in (Kind.PARAM, Kind.TAG):
        return _along_pairs(first, rest)
    if kind is Kind.ATTRIBUTE and key == "end_time":
        return [
            _segment("runs r", Sql("r.ended_at IS NOT NULL"), rest, (Key("r.ended_at", first.ascending),)),
            _segment("runs r", Sql("r.ended_at IS NULL"), rest, (Key("0", fixed=True),), rank=_MISSING),
        ]
    return [plain(order)]


def _along_metric(first: Order, rest: Sequence[Order]) -> list[Segment]:
    key, value = first.field.key, Key("o.value", first.ascending)
    nothing = Key("CAST(0 AS DOUBLE PRECISION)", fixed=True)
    source = "metrics o CROSS JOIN runs r"
    return [
        _segment(source, Sql("r.seq = o.run AND o.key = ? AND o.is_nan = ?", (key, False)), rest, (value,), "o"),
        _segment(
            source, Sql("r.seq = o.run AND o.key = ? AND o.is_nan = ?", (key, True)), rest, (nothing,), "o", _NANS
        ),
        _segment("runs r", _without("metrics", key), rest, (nothing,), rank=_MISSING),
    ]


def _along_pairs(first: Order, rest: Sequence[Order]) -> list[Segment]:
    table, key = pair_table(first.field.kind), first.field.key
    present = (Key("o.head", first.ascending), Key("o.value", first.ascending))
    absent = (Key("''", fixed=True), Key("''", fixed=True))
    source = f"{table} o CROSS JOIN runs r"
    return [
        _segment(source, Sql("r.seq = o.run AND o.key = ?", (key,)), rest, present, "o"),
        _segment("runs r", _without(table, key), rest, absent, rank=_MISSING),
    ]


def _without(table: str, key: str) -> Sql:
    return Sql(f"NOT EXISTS (SELECT 1 FROM {table} n WHERE n.run = r.seq AND n.key = ?)", (key,))  # noqa: S608


def _segment(
    source: str,
    where: Sql,
    rest: Sequence[Order],
    first: tuple[Key, ...],
    experiment: str = "r",
    rank: int = _NUMBERS,
) -> Segment:
    joins, keys, values = "", [Key(str(rank), fixed=True), *first], list[str]()
    for number, each in enumerate(rest):
        joins, keys, values = _add(each, f"o{number}", joins, keys, values)
    if experiment == "o":  # the index has the start too
        keys = [Key("o.started_at", key.ascending) if key.text == "r.started_at" else key for key in keys]
    return Segment(source + joins, Sql(where.text, (*values, *where.values)), experiment, tuple(keys), rank)


def _add(each: Order, alias: str, joins: str, keys: list[Key], values: list[str]) -> tuple[str, list[Key], list[str]]:
    kind, key, up = each.field.kind, each.field.key, each.ascending
    if kind is Kind.ATTRIBUTE:
        text, _form = attribute(key, RUN_ATTRIBUTES)
        if key == "end_time":
            missing = Key(f"CASE WHEN {text} IS NULL THEN {_MISSING} ELSE {_NUMBERS} END")
            return joins, [*keys, missing, Key(f"coalesce({text}, 0)", up)], values
        return joins, [*keys, Key(text, up)], values
    rank = f"CASE WHEN {alias}.run IS NULL THEN {_MISSING} ELSE {_NUMBERS} END"
    if kind is Kind.METRIC:
        table, sorting = "metrics", [Key(f"coalesce({alias}.value, 0.0)", up)]
        rank = rank.replace("ELSE", f"WHEN {alias}.is_nan THEN {_NANS} ELSE")
    elif kind in (Kind.PARAM, Kind.TAG):
        table = pair_table(kind)
        sorting = [Key(f"coalesce({alias}.{column}, '')", up) for column in ("head", "value")]
    else:
        raise InvalidInputError(f"Runs cannot be sorted by {kind}.", hint="Use attributes, metrics, params or tags.")
    joins += f" LEFT JOIN {table} {alias} ON {alias}.run = r.seq AND {alias}.key = ?"
    return joins, [*keys, Key(rank), *sorting], [*values, key]
