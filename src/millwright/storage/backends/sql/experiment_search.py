"""Searches of experiments: there are thousands at most, so they are sorted rather than indexed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError
from millwright.core.records.search import Comparison, Field, Kind, Order, Page
from millwright.storage.backends.sql import driver, experiment_row
from millwright.storage.backends.sql.search_comparison import Sql, joined, text_test
from millwright.storage.backends.sql.search_condition import attribute, attribute_test, compiled
from millwright.storage.backends.sql.search_key import Key, behind, order_by
from millwright.storage.backends.sql.token import read_token, write_token

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from millwright.core.records.experiment import ExperimentRecord, Lifecycle
    from millwright.core.records.search import Query

_ATTRIBUTES: Mapping[str, tuple[str, str]] = {
    "experiment_id": ("e.id", "text"),
    "name": ("e.name", "text"),
    "creation_time": ("e.created_at", "time"),
    "last_update_time": ("coalesce(e.updated_at, e.created_at)", "time"),
}
_NEWEST = Order(field=Field(kind=Kind.ATTRIBUTE, key="creation_time"), ascending=False)


def search_experiments(
    connection: Connection, query: Query, lifecycle: Lifecycle | None, projects: Sequence[str] | None
) -> Page[ExperimentRecord]:
    """A page of experiments.

    Raises:
        InvalidInputError: The token is not of this query, or a field is not one that can be searched.
    """
    keys = _keys(query.order)
    where = [compiled(query.where, _test, sqlite=driver.is_sqlite(connection))]
    if lifecycle is not None:
        where.append(Sql("e.lifecycle = ?", (lifecycle.value,)))
    if projects is not None:
        where.append(Sql(f"e.project IN ({driver.marks(len(projects))})" if projects else "1 = 0", tuple(projects)))
    asked = ("experiments", query.where, query.order, lifecycle, projects and sorted(projects))
    if query.after is not None:
        where.append(behind(keys, read_token(query.after, asked, len(keys))))
    whole = joined(where, "AND", "1 = 1")
    columns = ", ".join(key.text for key in keys)
    statement = f"SELECT e.seq, {columns} FROM experiments e WHERE {whole.text} ORDER BY {order_by(keys)} LIMIT ?"  # noqa: S608
    rows = driver.run(connection, statement, (*whole.values, query.limit + 1)).fetchall()
    token = write_token(asked, list(rows[query.limit - 1][1:])) if 0 < query.limit < len(rows) else None
    chosen = [row[0] for row in rows[: query.limit]]
    return Page(items=tuple(experiment_row.records(connection, chosen)), next_token=token)


def _keys(order: Sequence[Order]) -> list[Key]:
    keys = []
    for each in order or (_NEWEST,):
        if each.field.kind is not Kind.ATTRIBUTE:
            raise InvalidInputError(
                f"Experiments cannot be sorted by {each.field.kind}.", hint="Sort them by an attribute."
            )
        text, form = attribute(each.field.key, _ATTRIBUTES)
        if each.field.key == "experiment_id":
            text = "e.seq"  # 10 comes after 9
        keys.append(Key(f"({text} / 1000)" if form == "time" else text, each.ascending))
    if not any(key.text == "e.seq" for key in keys):
        keys.append(Key("e.seq", ascending=not order))
    return keys


def _test(test: Comparison, sqlite: bool) -> Sql:  # noqa: FBT001 - called through `compiled`
    if test.field.kind is Kind.ATTRIBUTE:
        return attribute_test(test, _ATTRIBUTES, sqlite=sqlite)
    if test.field.kind is not Kind.TAG:
        raise InvalidInputError(f"Experiments cannot be searched by {test.field.kind}.", hint="Use attributes or tags.")
    of_experiment = "(SELECT 1 FROM experiment_tags x WHERE x.experiment = e.seq AND x.key = ?"
    if test.op.upper() in ("IS NULL", "IS NOT NULL"):
        return Sql(f"{'NOT ' if test.op.upper() == 'IS NULL' else ''}EXISTS {of_experiment})", (test.field.key,))
    value = text_test("x.value", test, sqlite=sqlite)
    return Sql(f"EXISTS {of_experiment} AND {value.text})", (test.field.key, *value.values))
