"""Searches for registered models and versions in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import Table

from millwright.core.errors import InvalidInputError
from millwright.core.records.model import AliasRecord, ModelVersionRecord, RegisteredModelRecord
from millwright.core.records.search import All, Comparison, Field, Kind, Order, Page
from millwright.storage.backends.sql.model_table import (
    MODEL_ALIASES,
    MODEL_TAGS,
    MODEL_VERSION_TAGS,
    MODEL_VERSIONS,
    MODELS,
)
from millwright.storage.backends.sql.row import RecordRow
from millwright.storage.backends.sql.token import read_token, write_token
from millwright.storage.base.model_search import ModelSearchStore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement

    from millwright.core.records.search import Condition, Query
    from millwright.storage.backends.sql.database import Database

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LAST_MS = 2**52  # milliseconds beyond every date
_TIMES = {"creation_timestamp", "last_updated_timestamp"}
_NUMBERS = {"version_number"}
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_ATTRIBUTE_TIMES = {"creation_timestamp": "created_at", "last_updated_timestamp": "updated_at"}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Subject:
    """What is searched: its table, that of its tags, the columns that join the two, and its attributes."""

    table: Table
    tags: Table
    joint: tuple[str, ...]
    columns: Mapping[str, str]
    ties: tuple[Order, ...]


def _order(key: str, *, ascending: bool = True) -> Order:
    return Order(field=Field(kind=Kind.ATTRIBUTE, key=key), ascending=ascending)


_OF_MODELS = _Subject(
    table=MODELS,
    tags=MODEL_TAGS,
    joint=("name",),
    columns={"name": "name"} | _ATTRIBUTE_TIMES,
    ties=(_order("name"),),
)
_OF_VERSIONS = _Subject(
    table=MODEL_VERSIONS,
    tags=MODEL_VERSION_TAGS,
    joint=("name", "version"),
    columns={"name": "name", "version_number": "version", "run_id": "run_id", "source_path": "source"}
    | _ATTRIBUTE_TIMES,
    ties=(_order("name"), _order("version_number", ascending=False)),
)


class SqlModelSearchStore(ModelSearchStore):
    """See `ModelSearchStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._models = RecordRow(RegisteredModelRecord, MODELS)
        self._versions = RecordRow(ModelVersionRecord, MODEL_VERSIONS)
        self._aliases = RecordRow(AliasRecord, MODEL_ALIASES)

    def search_models(
        self, query: Query, *, without: tuple[str, str] | None = None, projects: Sequence[str] | None = None
    ) -> Page[RegisteredModelRecord]:
        """See `ModelSearchStore.search_models`."""
        limits: list[ColumnElement[bool]] = [] if projects is None else [MODELS.c.project.in_(projects)]
        return self._search(_OF_MODELS, self._models, query, (without, limits))

    def search_versions(
        self, query: Query, *, without: tuple[str, str] | None = None, projects: Sequence[str] | None = None
    ) -> Page[ModelVersionRecord]:
        """See `ModelSearchStore.search_versions`."""
        limits: list[ColumnElement[bool]] = [MODEL_VERSIONS.c.deleted_at.is_(None)]
        if projects is not None:
            mine = sa.select(MODELS.c.name).where(MODELS.c.project.in_(projects))
            limits.append(MODEL_VERSIONS.c.name.in_(mine))
        return self._search(_OF_VERSIONS, self._versions, query, (without, limits))

    def list_latest(self, names: Sequence[str]) -> Mapping[str, Sequence[ModelVersionRecord]]:
        """See `ModelSearchStore.list_latest`."""
        mine = MODEL_VERSIONS.c
        newest = (
            sa.select(mine.name, sa.func.max(mine.version).label("version"))
            .where(mine.name.in_(names), mine.deleted_at.is_(None))
            .group_by(mine.name, mine.stage)
            .subquery()
        )
        same = sa.and_(mine.name == newest.c.name, mine.version == newest.c.version)
        statement = sa.select(MODEL_VERSIONS).join(newest, same).order_by(mine.name, mine.version)
        found: dict[str, list[ModelVersionRecord]] = {name: [] for name in names}
        with self._database.read() as connection:
            for row in connection.execute(statement):
                found[row.name].append(self._versions.record(row))
        return found

    def list_aliases_of(self, names: Sequence[str]) -> Mapping[str, Sequence[AliasRecord]]:
        """See `ModelSearchStore.list_aliases_of`."""
        mine = MODEL_ALIASES.c
        statement = sa.select(MODEL_ALIASES).where(mine.name.in_(names)).order_by(mine.name, mine.alias)
        found: dict[str, list[AliasRecord]] = {name: [] for name in names}
        with self._database.read() as connection:
            for row in connection.execute(statement):
                found[row.name].append(self._aliases.record(row))
        return found

    def _search(
        self,
        subject: _Subject,
        rows: RecordRow[Any],
        query: Query,
        limits: tuple[tuple[str, str] | None, list[ColumnElement[bool]]],
    ) -> Page[Any]:
        without, wheres = limits
        orders = _orders(subject, query.order)
        asked = (subject.table.name, query.where, orders, without)
        statement = sa.select(subject.table).where(*wheres)
        if query.where is not None:
            statement = statement.where(self._condition(subject, query.where))
        if without is not None:
            carried = sa.select(subject.tags.c.name).where(
                subject.tags.c.key == without[0], subject.tags.c.value == without[1]
            )
            statement = statement.where(subject.table.c.name.not_in(carried))
        columns = [subject.table.c[subject.columns[order.field.key]] for order in orders]
        if query.after is not None:
            statement = statement.where(_behind(orders, columns, read_token(query.after, asked, len(orders))))
        keys = [
            column.asc() if order.ascending else column.desc() for order, column in zip(orders, columns, strict=True)
        ]
        with self._database.read() as connection:
            found = connection.execute(statement.order_by(*keys).limit(query.limit + 1)).all()
        items = found[: query.limit]
        token = None
        if len(found) > len(items) and items:
            token = write_token(asked, [_plain(items[-1]._mapping[column.key]) for column in columns])  # noqa: SLF001
        return Page(items=tuple(rows.record(row) for row in items), next_token=token)

    def _condition(self, subject: _Subject, where: Condition) -> ColumnElement[bool]:
        if isinstance(where, Comparison):
            return self._comparison(subject, where)
        parts = [self._condition(subject, part) for part in where.parts]
        if isinstance(where, All):
            return sa.and_(sa.true(), *parts)
        return sa.or_(sa.false(), *parts)

    def _comparison(self, subject: _Subject, test: Comparison) -> ColumnElement[bool]:
        if test.field.kind is Kind.TAG:
            tags = subject.tags.c
            same = [tags[name] == subject.table.c[name] for name in subject.joint]
            return sa.exists().where(*same, tags.key == test.field.key, self._test(tags.value, test))
        column = subject.table.c[_column(subject, test.field)]
        if test.field.key in _TIMES:
            return _time_test(column, test)
        if test.field.key in _NUMBERS:
            if test.op not in _COMPARE or not isinstance(test.value, int) or abs(test.value) >= 2**63:
                raise _refused(test)
            result: ColumnElement[bool] = _COMPARE[test.op](sa.cast(column, sa.BigInteger), test.value)
            return result
        return self._test(column, test)

    def _test(self, column: ColumnElement[Any], test: Comparison) -> ColumnElement[bool]:
        op, value = test.op.upper(), test.value
        if op in {"IN", "NOT IN"} and isinstance(value, tuple):
            return column.in_(value) if op == "IN" else column.not_in(value)
        if op in {"=", "!="} and isinstance(value, str):
            result: ColumnElement[bool] = _COMPARE[op](column, value)
            return result
        if op not in {"LIKE", "ILIKE"} or not isinstance(value, str):
            raise _refused(test)
        if not self._database.is_sqlite:
            folded = sa.collate(column, "default")
            pattern = sa.literal(value, sa.Text())
            return column.like(pattern, escape="") if op == "LIKE" else folded.ilike(pattern, escape="")
        if op == "ILIKE":
            return column.like(value)
        # SQLite's LIKE never minds upper and lower case, its GLOB does.
        signs = {"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}
        return column.op("GLOB", is_comparison=True)("".join(signs.get(sign, sign) for sign in value))


def _orders(subject: _Subject, wanted: Sequence[Order]) -> tuple[Order, ...]:
    orders: list[Order] = []
    for order in (*wanted, *subject.ties):
        _column(subject, order.field)
        if order.field not in [known.field for known in orders]:
            orders.append(order)
    return tuple(orders)


def _column(subject: _Subject, field: Field) -> str:
    name = subject.columns.get(field.key) if field.kind is Kind.ATTRIBUTE else None
    if name is None:
        raise InvalidInputError(
            f"Expected one of the attributes {', '.join(subject.columns)}, found {field.kind} '{field.key}'.",
            hint="Name another field.",
        )
    return name


def _time_test(column: ColumnElement[Any], test: Comparison) -> ColumnElement[bool]:
    if test.op not in _COMPARE or not isinstance(test.value, int):
        raise _refused(test)
    # Whole milliseconds against a column in microseconds.
    low = min(max(test.value, -_LAST_MS), _LAST_MS) * 1000
    plain = sa.type_coerce(column, sa.BigInteger)
    forms: dict[str, ColumnElement[bool]] = {
        "=": sa.and_(plain >= low, plain < low + 1000),
        "!=": sa.or_(plain < low, plain >= low + 1000),
        "<": plain < low,
        "<=": plain < low + 1000,
        ">": plain >= low + 1000,
        ">=": plain >= low,
    }
    return forms[test.op]


def _behind(
    orders: Sequence[Order], columns: Sequence[ColumnElement[Any]], place: Sequence[Any]
) -> ColumnElement[bool]:
    """Rows that come after a place: behind in one key, and equal in all before it."""
    plain = [
        sa.type_coerce(column, sa.BigInteger) if order.field.key in _TIMES else column
        for order, column in zip(orders, columns, strict=True)
    ]
    cases = []
    for at, order in enumerate(orders):
        equal = [plain[before] == place[before] for before in range(at)]
        further = plain[at] > place[at] if order.ascending else plain[at] < place[at]
        cases.append(sa.and_(*equal, further))
    return sa.or_(*cases)


def _plain(value: Any) -> Any:
    return (value - _EPOCH) // _MICROSECOND if isinstance(value, datetime) else value


def _refused(test: Comparison) -> InvalidInputError:
    return InvalidInputError(
        f"Expected a comparison that '{test.field.key}' has, found {test.op} {test.value!r:.80}.",
        hint="Compare names, runs, sources and tags with quoted text, versions and times with whole numbers.",
    )
