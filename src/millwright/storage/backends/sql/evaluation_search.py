"""Searches of evaluation datasets: there are thousands at most, so they are sorted rather than indexed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError, closest
from millwright.core.records.search import Comparison, Field, Kind, Order, Page
from millwright.storage.backends.sql import driver, evaluation_row
from millwright.storage.backends.sql.search_comparison import Sql, joined, text_test
from millwright.storage.backends.sql.search_condition import attribute_test, compiled
from millwright.storage.backends.sql.search_key import Key, behind, order_by
from millwright.storage.backends.sql.token import read_token, write_token

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from millwright.core.ids import ExperimentId
    from millwright.core.records.evaluation import EvaluationDatasetRecord
    from millwright.core.records.search import Query

_ATTRIBUTES: Mapping[str, tuple[str, str]] = {
    "name": ("d.name", "text"),
    "created_by": ("d.created_by", "text"),
    "last_updated_by": ("d.updated_by", "text"),
    "created_time": ("d.created_at", "time"),
    "last_update_time": ("d.updated_at", "time"),
}
_SORTED = {"name": "d.name", "created_time": "(d.created_at / 1000)", "last_update_time": "(d.updated_at / 1000)"}
_NEWEST = Order(field=Field(kind=Kind.ATTRIBUTE, key="created_time"), ascending=False)
_USES = "SELECT 1 FROM evaluation_dataset_experiments u WHERE u.dataset = d.seq"


def search_datasets(
    connection: Connection, query: Query, experiment_ids: Sequence[ExperimentId], projects: Sequence[str] | None
) -> Page[EvaluationDatasetRecord]:
    """A page of datasets.

    Raises:
        InvalidInputError: The token is not of this query, or a field is not one that can be searched or sorted by.
    """
    keys = [_key(order) for order in query.order or (_NEWEST,)] + [Key("d.id", ascending=False)]
    where = [compiled(query.where, _test, sqlite=driver.is_sqlite(connection))]
    if experiment_ids:
        used = f"EXISTS ({_USES} AND u.experiment_id IN ({driver.marks(len(experiment_ids))}))"
        where.append(Sql(used, tuple(experiment_ids)))
    if projects is not None:
        where.append(_of_projects(projects))
    asked = ("evaluation datasets", query.where, query.order, sorted(experiment_ids), projects and sorted(projects))
    if query.after is not None:
        where.append(behind(keys, read_token(query.after, asked, len(keys))))
    whole = joined(where, "AND", "1 = 1")
    columns = ", ".join(key.text for key in keys)
    statement = (
        f"SELECT d.seq, {columns} FROM evaluation_datasets d "  # noqa: S608 - names that stand here
        f"WHERE {whole.text} ORDER BY {order_by(keys)} LIMIT ?"
    )
    rows = driver.run(connection, statement, (*whole.values, query.limit + 1)).fetchall()
    token = write_token(asked, list(rows[query.limit - 1][1:])) if 0 < query.limit < len(rows) else None
    chosen = [row[0] for row in rows[: query.limit]]
    return Page(items=tuple(evaluation_row.records(connection, chosen)), next_token=token)


def _of_projects(projects: Sequence[str]) -> Sql:
    if not projects:
        return Sql("1 = 0")
    marks = driver.marks(len(projects))
    # An experiment that is gone belongs to nobody's project.
    hidden = (
        f"EXISTS ({_USES} AND NOT EXISTS "  # noqa: S608 - names that stand here
        f"(SELECT 1 FROM experiments e WHERE e.id = u.experiment_id AND e.project IN ({marks})))"
    )
    return Sql(f"NOT {hidden} AND (EXISTS ({_USES}) OR d.project IN ({marks}))", (*projects, *projects))


def _key(order: Order) -> Key:
    if order.field.kind is not Kind.ATTRIBUTE:
        raise InvalidInputError(f"Invalid order_by entity: {order.field.kind}.", hint="Sort by an attribute.")
    if order.field.key not in _SORTED:
        raise InvalidInputError(
            f"Invalid attribute key '{order.field.key}' specified. Valid keys are: {sorted(_SORTED)}.",
            hint=closest(order.field.key, _SORTED),
        )
    return Key(_SORTED[order.field.key], order.ascending)


def _test(test: Comparison, sqlite: bool) -> Sql:  # noqa: FBT001 - called through `compiled`
    if test.field.kind is Kind.ATTRIBUTE:
        return attribute_test(test, _ATTRIBUTES, sqlite=sqlite)
    if test.field.kind is not Kind.TAG:
        raise InvalidInputError(
            f"Evaluation datasets cannot be searched by {test.field.kind}.", hint="Use attributes or tags."
        )
    of_dataset = "(SELECT 1 FROM evaluation_dataset_tags x WHERE x.dataset = d.seq AND x.key = ?"
    if test.op.upper() in ("IS NULL", "IS NOT NULL"):
        return Sql(f"{'NOT ' if test.op.upper() == 'IS NULL' else ''}EXISTS {of_dataset})", (test.field.key,))
    value = text_test("x.value", test, sqlite=sqlite)
    return Sql(f"EXISTS {of_dataset} AND {value.text})", (test.field.key, *value.values))
