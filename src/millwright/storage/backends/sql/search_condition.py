"""Conditions to SQL. A field of another table is a test of whether there is such a row."""
# ruff: noqa: S608 - statements of names that stand here; every value is bound

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError, closest
from millwright.core.records.search import All, Any_, Comparison, Kind
from millwright.storage.backends.sql.run_table import HEAD
from millwright.storage.backends.sql.search_comparison import Sql, joined, number, number_test, text_test, time_test

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from millwright.core.records.search import Condition

    Test = Callable[[Comparison, bool], Sql]

# Attributes by name: the expression, and whether it is text or a time. `r` is the run.
RUN_ATTRIBUTES: Mapping[str, tuple[str, str]] = {
    "run_id": ("r.id", "text"),
    "run_name": ("r.name", "text"),
    "status": ("r.status", "lower"),
    "start_time": ("r.started_at", "time"),
    "end_time": ("r.ended_at", "time"),
    "user_id": ("r.username", "text"),
    "experiment_id": ("(SELECT e.id FROM experiments e WHERE e.seq = r.experiment)", "text"),
    "artifact_uri": ("r.artifact_uri", "text"),
}
_DATASET_COLUMNS = {"name": "d.name", "digest": "d.digest", "context": "i.context"}


def compiled(condition: Condition | None, test: Test, *, sqlite: bool) -> Sql:
    """The SQL of a condition.

    Args:
        condition: None is always true.
        test: The SQL of one comparison.
        sqlite: Whether it is for SQLite.

    Raises:
        InvalidInputError: A comparison is not one that its field has.
    """
    match condition:
        case None:
            return Sql("1 = 1")
        case Comparison():
            return test(condition, sqlite)
        case All(parts=parts):
            return joined([compiled(part, test, sqlite=sqlite) for part in parts], "AND", "1 = 1")
        case Any_(parts=parts):
            return joined([compiled(part, test, sqlite=sqlite) for part in parts], "OR", "1 = 0")


def conjuncts(condition: Condition | None) -> list[Condition]:
    """The parts that must all be true."""
    if isinstance(condition, All):
        return [each for part in condition.parts for each in conjuncts(part)]
    return [] if condition is None else [condition]


def run_test(test: Comparison, sqlite: bool) -> Sql:  # noqa: FBT001 - called through `compiled`
    """The SQL of one comparison of a run `r`.

    Raises:
        InvalidInputError: Its field has no such comparison, or runs have no such field.
    """
    match test.field.kind:
        case Kind.ATTRIBUTE:
            return attribute_test(test, RUN_ATTRIBUTES, sqlite=sqlite)
        case Kind.METRIC:
            return _exists("metrics", test, lambda: metric_value("x", test))
        case Kind.PARAM | Kind.TAG:
            return _exists(pair_table(test.field.kind), test, lambda: pair_value("x", test, sqlite=sqlite))
        case Kind.DATASET:
            return _dataset(test, sqlite=sqlite)
    raise InvalidInputError(
        f"Runs cannot be searched by {test.field.kind}.", hint="Use attributes, metrics, params, tags or datasets."
    )


def pair_table(kind: Kind) -> str:
    """The table of parameters or of tags."""
    return "run_params" if kind is Kind.PARAM else "run_tags"


def attribute_test(test: Comparison, attributes: Mapping[str, tuple[str, str]], *, sqlite: bool) -> Sql:
    """The SQL of one comparison of an attribute.

    Raises:
        InvalidInputError: There is no such attribute, or it has no such comparison.
    """
    column, form = attribute(test.field.key, attributes)
    if form == "time":
        return time_test(column, test)
    found = text_test(column, test, sqlite=sqlite)
    # Stored in small letters, and written in capitals on the wire.
    return Sql(found.text, tuple(value.lower() for value in found.values)) if form == "lower" else found


def attribute(key: str, attributes: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    """An attribute's expression and form.

    Raises:
        InvalidInputError: There is none of that name.
    """
    if key not in attributes:
        raise InvalidInputError(f"There is no attribute '{key}' to search by.", hint=closest(key, attributes))
    return attributes[key]


def metric_value(alias: str, test: Comparison) -> Sql:
    """The test of a metric's row by its value; of NaN only `!=` is true."""
    if test.op == "!=":
        return Sql(f"({alias}.is_nan = ? OR {alias}.value != ?)", (True, number(test)))
    found = number_test(f"{alias}.value", test)
    return Sql(f"{alias}.is_nan = ? AND {found.text}", (False, *found.values))


def pair_value(alias: str, test: Comparison, *, sqlite: bool) -> Sql:
    """The test of a parameter's or tag's row by its value."""
    if test.op == "=" and isinstance(test.value, str):  # the index has the head only
        if len(test.value) < HEAD:
            return Sql(f"{alias}.head = ?", (test.value,))
        return Sql(f"{alias}.head = ? AND {alias}.value = ?", (test.value[:HEAD], test.value))
    return text_test(f"{alias}.value", test, sqlite=sqlite)


def _exists(table: str, test: Comparison, value_test: Callable[[], Sql]) -> Sql:
    of_run = f"(SELECT 1 FROM {table} x WHERE x.run = r.seq AND x.key = ?"
    if test.op.upper() in ("IS NULL", "IS NOT NULL"):
        word = "NOT EXISTS" if test.op.upper() == "IS NULL" else "EXISTS"
        return Sql(f"{word} {of_run})", (test.field.key,))
    value = value_test()
    return Sql(f"EXISTS {of_run} AND {value.text})", (test.field.key, *value.values))


def _dataset(test: Comparison, *, sqlite: bool) -> Sql:
    if test.field.key not in _DATASET_COLUMNS:
        raise InvalidInputError(
            f"There is no '{test.field.key}' of datasets to search by.", hint=closest(test.field.key, _DATASET_COLUMNS)
        )
    found = text_test(_DATASET_COLUMNS[test.field.key], test, sqlite=sqlite)
    return Sql(
        "EXISTS (SELECT 1 FROM run_datasets i JOIN input_datasets d ON d.seq = i.dataset "
        f"WHERE i.run = r.seq AND {found.text})",
        found.values,
    )
