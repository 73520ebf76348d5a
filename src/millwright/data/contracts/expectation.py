"""What a contract expects of each row, as Polars expressions over the parsed table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.core.errors import InvalidInputError, closest
from millwright.data.contracts.column import TEXTUAL, ColumnType
from millwright.data.contracts.rule import rule_expression
from millwright.data.contracts.severity import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from millwright.data.contracts.column import Bound, ColumnContract
    from millwright.data.contracts.rule import Rule

_KINDS = {
    ColumnType.STRING: "text",
    ColumnType.CATEGORY: "text",
    ColumnType.INTEGER: "a whole number",
    ColumnType.NUMBER: "a number",
    ColumnType.BOOLEAN: "yes or no",
    ColumnType.DATE: "a date",
    ColumnType.DATETIME: "a date and time",
}


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must not be true of a row.

    Attributes:
        reason: What is said of a row that breaks it.
        severity: What such a row does.
        broken: Boolean: whether a row breaks it; null: it does not.
    """

    reason: str
    severity: Severity
    broken: pl.Expr


def column_expectations(
    column: ColumnContract, schema: Mapping[str, pl.DataType], unparsed: pl.Series | None
) -> Iterator[Expectation]:
    """What a column's contract expects of a row by itself, uniqueness left out.

    Args:
        column: The contract.
        schema: The parsed table's types.
        unparsed: Which rows have a value that is none of the type; None when no row has.
    """
    name, value = column.name, pl.col(column.name)

    def expect(which: str, reason: str, broken: pl.Expr) -> Expectation:
        return Expectation(f"{name}: {reason}", column.severity_of(which), broken)

    if unparsed is not None:
        yield expect("type", f"not {_kind(column)}", pl.lit(unparsed))
    if not column.nullable:
        absent = value.is_null()
        yield expect("nullable", "missing", absent if unparsed is None else absent & ~pl.lit(unparsed))
    if column.minimum is not None:
        yield expect("min", f"below {column.minimum}", value < _bound(column.minimum, schema[name]))
    if column.maximum is not None:
        yield expect("max", f"above {column.maximum}", value > _bound(column.maximum, schema[name]))
    if column.pattern is not None:
        yield expect("pattern", f"does not match {column.pattern}", ~value.str.contains(column.pattern))
    if column.allowed:
        # Polars compares numbers of one type only; the allowed ones may be whole and not in one list.
        of_type = value if column.type in TEXTUAL else value.cast(pl.Float64)
        allowed = [one if isinstance(one, str) else float(one) for one in column.allowed]
        yield expect("allowed", "not an allowed value", ~of_type.is_in(allowed))


def uniqueness(column: ColumnContract) -> Expectation:
    """That no value occurs twice; the first row that has it passes."""
    value = pl.col(column.name)
    broken = value.is_not_null() & ~value.is_first_distinct()
    return Expectation(f"{column.name}: repeats", column.severity_of("unique"), broken)


def rule_expectation(rule: Rule, schema: Mapping[str, pl.DataType]) -> Expectation:
    """What a rule about a row, or about rows together, expects.

    Raises:
        InvalidInputError: The rule names an unknown column, cannot be evaluated on this table, or is not true or false.
    """
    expression = rule_expression(rule)
    for name in expression.meta.root_names():
        if name not in schema:
            raise InvalidInputError(
                f"The rule '{rule.name}' names the column '{name}', which the table does not have.",
                hint=closest(name, schema),
            )
    try:
        found = pl.LazyFrame(schema=schema).select(expression.alias("held")).collect_schema()
    except pl.exceptions.PolarsError as error:
        raise InvalidInputError(
            f"The rule '{rule.name}' cannot be evaluated: {short(error)}.",
            hint="Check its expression against the columns' types.",
        ) from error
    if found["held"] != pl.Boolean:
        raise InvalidInputError(
            f"Expected the rule '{rule.name}' to be true or false, found an expression of type "
            f"{found['held']}: {rule.expression}",
            hint="Write a comparison, such as: ended >= started",
        )
    return Expectation(rule.reason, rule.severity, ~expression)


def short(error: Exception) -> str:
    """An error of Polars in one line."""
    return " ".join(str(error).split())[:200].rstrip(".")


def _kind(column: ColumnContract) -> str:
    shown = f" ({', '.join(column.formats)})" if column.formats else ""
    return f"{_KINDS[column.type]}{shown}"


def _bound(bound: Bound, dtype: pl.DataType) -> Any:
    """A bound as the column can be compared with: a day as its midnight, a time in UTC or naive as the column is."""
    if not isinstance(dtype, pl.Datetime) or not isinstance(bound, date):
        return bound.date() if isinstance(bound, datetime) else bound
    moment = bound if isinstance(bound, datetime) else datetime(bound.year, bound.month, bound.day, tzinfo=UTC)
    in_utc = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return pl.lit(in_utc if dtype.time_zone else in_utc.replace(tzinfo=None), dtype=dtype)
