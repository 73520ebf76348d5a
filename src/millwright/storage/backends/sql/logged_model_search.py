"""Queries for logged models as SQL."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from millwright.core.digest import digest_json
from millwright.core.errors import InvalidInputError
from millwright.core.records.experiment import Lifecycle
from millwright.core.records.search import All, Any_, Comparison, Field, Kind
from millwright.storage.backends.sql.logged_model_table import LOGGED_MODEL_PARAMS, LOGGED_MODEL_TAGS, LOGGED_MODELS
from millwright.storage.backends.sql.run_table import LOGGED_MODEL_METRICS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement, Select

    from millwright.core.records.logged_model import LoggedModelQuery, MeasuredOn
    from millwright.core.records.search import Condition

_MODELS = LOGGED_MODELS.c
_METRICS = LOGGED_MODEL_METRICS.c
_MICROSECONDS = 1000
_COLUMNS: dict[str, ColumnElement[Any]] = {
    "model_id": _MODELS.id,
    "experiment_id": _MODELS.experiment_id,
    "name": _MODELS.name,
    "artifact_location": _MODELS.artifact_location,
    "creation_timestamp_ms": sa.cast(_MODELS.created_at, sa.BigInteger) // _MICROSECONDS,
    "last_updated_timestamp_ms": sa.cast(_MODELS.updated_at, sa.BigInteger) // _MICROSECONDS,
    "status": sa.func.upper(_MODELS.status),
    "lifecycle_stage": _MODELS.lifecycle,
    "model_type": _MODELS.model_type,
    "source_run_id": _MODELS.source_run_id,
    "status_message": _MODELS.status_message,
}
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": lambda column, value: column == value,
    "!=": lambda column, value: column != value,
    "<": lambda column, value: column < value,
    "<=": lambda column, value: column <= value,
    ">": lambda column, value: column > value,
    ">=": lambda column, value: column >= value,
    "IN": lambda column, value: column.in_(value),
    "NOT IN": lambda column, value: column.not_in(value),
    "IS NULL": lambda column, _value: column.is_(None),
    "IS NOT NULL": lambda column, _value: column.is_not(None),
}


def search_statement(query: LoggedModelQuery, *, is_sqlite: bool) -> Select[Any]:
    """The rows of `LOGGED_MODELS` that fit, in order.

    Raises:
        InvalidInputError: A field is not one that can be searched or sorted by.
    """
    compiler = _Compiler(query, is_sqlite=is_sqlite)
    statement = sa.select(LOGGED_MODELS).where(
        _MODELS.experiment_id.in_(query.experiment_ids), _MODELS.lifecycle == Lifecycle.ACTIVE.value
    )
    if query.where is not None:
        statement = statement.where(compiler.condition(query.where))
    if query.datasets and not compiler.has_metric:
        measured = sa.select(_METRICS.model_id).where(_on(query.datasets))
        statement = statement.where(_MODELS.id.in_(measured))
    keys: list[ColumnElement[Any]] = []
    for order in query.order:
        column = _latest(order.field.key, order.dataset) if order.field.kind is Kind.METRIC else _column(order.field)
        keys += [sa.case((column.is_(None), 1), else_=0), column.asc() if order.ascending else column.desc()]
    return statement.order_by(*keys, _MODELS.created_at.desc(), _MODELS.id.asc())


def offset_of(query: LoggedModelQuery) -> int:
    """How many rows the pages before have had.

    Raises:
        InvalidInputError: The token is not one that this query gave.
    """
    if query.after is None:
        return 0
    try:
        offset, fingerprint = json.loads(base64.b64decode(query.after, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError) as error:
        raise _wrong_token() from error
    if fingerprint != _fingerprint(query) or not isinstance(offset, int) or not 0 <= offset < 2**62:
        raise _wrong_token()
    return offset


def next_token(query: LoggedModelQuery, offset: int) -> str:
    """The token of the page that begins at an offset."""
    return base64.urlsafe_b64encode(json.dumps([offset, _fingerprint(query)]).encode()).decode()


class _Compiler:
    """Conditions to SQL; remembers whether one was about a metric."""

    def __init__(self, query: LoggedModelQuery, *, is_sqlite: bool) -> None:
        self._datasets = query.datasets
        self._is_sqlite = is_sqlite
        self.has_metric = False

    def condition(self, condition: Condition) -> ColumnElement[bool]:
        if isinstance(condition, All):
            return sa.and_(sa.true(), *(self.condition(part) for part in condition.parts))
        if isinstance(condition, Any_):
            return sa.or_(sa.false(), *(self.condition(part) for part in condition.parts))
        return self._comparison(condition)

    def _comparison(self, comparison: Comparison) -> ColumnElement[bool]:
        field = comparison.field
        if field.kind is Kind.ATTRIBUTE:
            return self._compared(_column(field), comparison)
        if field.kind is Kind.METRIC:
            self.has_metric = True
            found = sa.select(_METRICS.model_id).where(
                _METRICS.key == field.key, sa.not_(_METRICS.is_nan), self._compared(_METRICS.value, comparison)
            )
            return _MODELS.id.in_(found.where(_on(self._datasets)) if self._datasets else found)
        if field.kind not in {Kind.PARAM, Kind.TAG}:
            raise _unknown(field)
        pairs = (LOGGED_MODEL_PARAMS if field.kind is Kind.PARAM else LOGGED_MODEL_TAGS).c
        return _MODELS.id.in_(
            sa.select(pairs.model_id).where(pairs.key == field.key, self._compared(pairs.value, comparison))
        )

    def _compared(self, column: ColumnElement[Any], comparison: Comparison) -> ColumnElement[bool]:
        op, value = comparison.op, comparison.value
        if op in {"LIKE", "ILIKE"}:
            return self._like(column, str(value), minds_case=op == "LIKE")
        if op not in _COMPARE:
            raise InvalidInputError(f"Expected a comparison of logged models, found {op!r}.")
        result: ColumnElement[bool] = _COMPARE[op](column, value)
        return result

    def _like(self, column: ColumnElement[Any], pattern: str, *, minds_case: bool) -> ColumnElement[bool]:
        if not self._is_sqlite:
            return column.like(pattern, escape="") if minds_case else column.ilike(pattern, escape="")
        if not minds_case:
            return column.op("LIKE")(pattern)
        # SQLite's LIKE never minds upper and lower case, its GLOB does.
        literal = "".join(f"[{char}]" if char in "*?[" else char for char in pattern)
        return column.op("GLOB")(literal.replace("%", "*").replace("_", "?"))


def _column(field: Field) -> ColumnElement[Any]:
    if field.kind is not Kind.ATTRIBUTE or field.key not in _COLUMNS:
        raise _unknown(field)
    return _COLUMNS[field.key]


def _on(datasets: tuple[MeasuredOn, ...]) -> ColumnElement[bool]:
    return sa.or_(
        *(
            sa.and_(
                _METRICS.dataset_name == dataset.name,
                sa.true() if dataset.digest is None else _METRICS.dataset_digest == dataset.digest,
            )
            for dataset in datasets
        )
    )


def _latest(key: str, dataset: MeasuredOn | None) -> ColumnElement[Any]:
    """The value of a model's latest point of a metric: by time, then step."""
    points = LOGGED_MODEL_METRICS.alias()
    found = sa.select(points.c.value).where(points.c.model_id == _MODELS.id, points.c.key == key)
    if dataset is not None:
        found = found.where(points.c.dataset_name == dataset.name)
        if dataset.digest is not None:
            found = found.where(points.c.dataset_digest == dataset.digest)
    newest_first = (points.c.at.desc(), points.c.step.desc(), points.c.run.asc())
    return found.order_by(*newest_first).limit(1).correlate(LOGGED_MODELS).scalar_subquery()


def _fingerprint(query: LoggedModelQuery) -> str:
    asked = [list(query.experiment_ids), repr(query.where), repr(query.order), repr(query.datasets)]
    return digest_json(asked)[:16]


def _wrong_token() -> InvalidInputError:
    return InvalidInputError(
        "Expected the page token that this search gave, found another.", hint="Search from the first page on."
    )


def _unknown(field: Field) -> InvalidInputError:
    return InvalidInputError(
        f"Expected a field of logged models, found the {field.kind} {field.key!r}.",
        hint=f"Attributes are {', '.join(_COLUMNS)}.",
    )
