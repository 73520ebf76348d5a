"""Searches of traces: one statement for each experiment, each along the index of its traces' times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.core.errors import InvalidInputError
from millwright.core.records.search import Field, Kind, Order
from millwright.storage.backends.sql import driver
from millwright.storage.backends.sql.search_comparison import Sql, joined
from millwright.storage.backends.sql.search_key import Key, behind, merged, order_by
from millwright.storage.backends.sql.token import read_token, write_token
from millwright.storage.backends.sql.trace_condition import FACTS, NUMBERS, TEXTS, trace_condition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from millwright.core.ids import ExperimentId
    from millwright.core.records.search import Query

_TIME = Field(kind=Kind.ATTRIBUTE, key="timestamp_ms")
_ID = Field(kind=Kind.ATTRIBUTE, key="request_id")
_NULLABLE = ("client_request_id", "request", "response", "execution_time_ms")


def search_traces(
    connection: Connection, query: Query, experiment_ids: Sequence[ExperimentId]
) -> tuple[list[str], str | None]:
    """The ids of a page, and the token of the next one.

    Raises:
        InvalidInputError: The token is not of this query, or a field is not one that can be searched.
    """
    experiments = sorted(set(experiment_ids))
    sqlite = driver.is_sqlite(connection)
    joins, keys, values = _order(query.order, sqlite=sqlite)
    asked = ("traces", query.where, query.order, experiments)
    place = None if query.after is None else read_token(query.after, asked, len(keys))
    where = [Sql("t.experiment_id = ?"), trace_condition(query.where, sqlite=sqlite)]
    if place is not None:
        where.append(behind(keys, place))
    whole = joined(where, "AND", "")
    statement = (
        f"SELECT t.id, {', '.join(key.text for key in keys)} FROM traces t{joins} WHERE {whole.text} "  # noqa: S608
        f"ORDER BY {order_by(keys)} LIMIT ?"
    )
    rows: list[Any] = []
    for experiment in experiments:
        rows += driver.run(connection, statement, (*values, experiment, *whole.values, query.limit + 1)).fetchall()
    rows = merged(rows, keys)
    token = write_token(asked, list(rows[query.limit - 1][1:])) if 0 < query.limit < len(rows) else None
    return [row[0] for row in rows[: query.limit]], token


def _order(order: Sequence[Order], *, sqlite: bool) -> tuple[str, list[Key], list[str]]:
    """Joins, keys and the values of the joins; what has no value comes last in both directions."""
    fields = [each.field for each in order]
    if len(set(fields)) < len(fields):
        raise InvalidInputError("`order_by` contains duplicate fields.", hint="Name each field once.")
    whole = list(order)
    if _TIME not in fields:
        whole.append(Order(field=_TIME, ascending=False))
    if _ID not in fields:
        whole.append(Order(field=_ID))
    joins, keys, values = "", list[Key](), list[str]()
    for number, each in enumerate(whole):
        kind, key = each.field.kind, each.field.key
        if kind in FACTS:
            joins += f" LEFT JOIN {FACTS[kind]} o{number} ON o{number}.trace_id = t.id AND o{number}.key = ?"
            values.append(key)
            keys += _keys(f"o{number}.value", each, sqlite=sqlite, text=True)
        elif kind is Kind.ATTRIBUTE and key == "timestamp_ms":
            keys.append(Key("t.requested_at", each.ascending))
        elif kind is Kind.ATTRIBUTE and key in NUMBERS | TEXTS:
            keys += _keys((NUMBERS | TEXTS)[key], each, sqlite=sqlite, text=key in TEXTS)
        else:
            raise InvalidInputError(
                f"Traces cannot be sorted by the {kind} '{key}'.", hint="Use attributes, tags or metadata."
            )
    return joins, keys, values


def _keys(column: str, order: Order, *, sqlite: bool, text: bool) -> list[Key]:
    # By bytes on both databases, as rows of several experiments are merged here.
    bytewise = f'{column} COLLATE "C"' if text and not sqlite else column
    if order.field.kind is Kind.ATTRIBUTE and order.field.key not in _NULLABLE:
        return [Key(bytewise, order.ascending)]
    missing = Key(f"CASE WHEN {column} IS NULL THEN 1 ELSE 0 END")
    return [missing, Key(f"coalesce({bytewise}, {chr(39) * 2 if text else 0})", order.ascending)]
