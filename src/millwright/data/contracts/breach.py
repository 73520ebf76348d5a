"""What breaks a contract, and in which rows: one mask per expectation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.core.errors import InvalidInputError, closest
from millwright.data.contracts.column import TEXTUAL, ColumnType
from millwright.data.contracts.contract import KeyPolicy
from millwright.data.contracts.rule import rule_expression

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from millwright.data.contracts.column import Bound, ColumnContract
    from millwright.data.contracts.contract import Contract, Key
    from millwright.data.contracts.parsing import ParsedTable
    from millwright.data.contracts.rule import Rule

_Expectation = tuple[str, pl.Expr]  # reason, what is true of a row that breaks it (null: it does not)
_OTHERS = "\0row"
_KINDS = {
    ColumnType.INTEGER: "a whole number",
    ColumnType.NUMBER: "a number",
    ColumnType.BOOLEAN: "yes or no",
    ColumnType.DATE: "a date",
    ColumnType.DATETIME: "a date and time",
}


@dataclass(frozen=True, slots=True)
class Breach:
    """Rows that break one expectation.

    Attributes:
        reason: For people; the same for all rows that break the same expectation.
        rows: Boolean mask over the table's rows, without nulls, at least one of them true.
    """

    reason: str
    rows: pl.Series


def find_breaches(parsed: ParsedTable, contract: Contract) -> list[Breach]:
    """Every expectation that some row breaks, in the contract's order: columns, rules, then the key.

    The key is judged among the rows that break nothing else, so that a bad first row does not cost a good second one.

    Raises:
        InvalidInputError: A rule's expression names an unknown column or cannot be evaluated.
    """
    frame = parsed.frame
    expectations = [
        *(pair for column in contract.columns for pair in _of_column(column, frame, parsed.unparsed.get(column.name))),
        *((_rule_reason(rule), _broken_rule(rule, frame)) for rule in contract.rules),
    ]
    breaches = _evaluated(frame, expectations)
    if contract.key is not None:
        breaches += _evaluated(frame, [_repeated(contract.key, any_row(breaches, frame.height))])
    return breaches


def any_row(breaches: Sequence[Breach], height: int) -> pl.Series:
    """Which rows break anything; a mask of `height` rows."""
    broken = pl.repeat(value=False, n=height, dtype=pl.Boolean, eager=True)
    for breach in breaches:
        broken |= breach.rows
    return broken


def _evaluated(frame: pl.DataFrame, expectations: Sequence[_Expectation]) -> list[Breach]:
    if not expectations or frame.is_empty():
        return []
    named = [
        expression.fill_null(value=False).alias(str(number)) for number, (_, expression) in enumerate(expectations)
    ]
    try:
        masks = frame.lazy().select(named).collect()
    except pl.exceptions.PolarsError as error:
        raise InvalidInputError(
            f"The contract's rules cannot be evaluated on this table: {_line(error)}.",
            hint="Check the rules' expressions against the columns' types.",
        ) from error
    broken = masks.select(pl.all().any()).row(0)
    return [
        Breach(reason, masks.to_series(number))
        for number, ((reason, _), any_broken) in enumerate(zip(expectations, broken, strict=True))
        if any_broken
    ]


def _of_column(column: ColumnContract, frame: pl.DataFrame, unparsed: pl.Series | None) -> Iterator[_Expectation]:
    name, value = column.name, pl.col(column.name)
    if unparsed is not None:
        yield f"{name}: not {_kind(column)}", pl.lit(unparsed)
    if not column.nullable:
        absent = value.is_null()
        yield f"{name}: missing", absent if unparsed is None else absent & ~pl.lit(unparsed)
    if column.minimum is not None:
        yield f"{name}: below {column.minimum}", value < _bound(column.minimum, frame.schema[name])
    if column.maximum is not None:
        yield f"{name}: above {column.maximum}", value > _bound(column.maximum, frame.schema[name])
    if column.pattern is not None:
        yield f"{name}: does not match {column.pattern}", ~value.str.contains(column.pattern)
    if column.allowed:
        # Polars compares numbers of one type only; the allowed ones may be whole and not in one list.
        of_type = value if column.type in TEXTUAL else value.cast(pl.Float64)
        allowed = [one if isinstance(one, str) else float(one) for one in column.allowed]
        yield f"{name}: not an allowed value", ~of_type.is_in(allowed)
    if column.unique:
        yield f"{name}: repeats", value.is_not_null() & ~value.is_first_distinct()


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


def _rule_reason(rule: Rule) -> str:
    return f"{rule.name}: {rule.message or rule.expression}"


def _broken_rule(rule: Rule, frame: pl.DataFrame) -> pl.Expr:
    expression = rule_expression(rule)
    for name in expression.meta.root_names():
        if name not in frame.columns:
            raise InvalidInputError(
                f"The rule '{rule.name}' names the column '{name}', which the table does not have.",
                hint=closest(name, frame.columns),
            )
    try:
        schema = frame.lazy().select(expression.alias("held")).collect_schema()
    except pl.exceptions.PolarsError as error:
        raise InvalidInputError(
            f"The rule '{rule.name}' cannot be evaluated: {_line(error)}.",
            hint="Check its expression against the columns' types.",
        ) from error
    if schema["held"] != pl.Boolean:
        raise InvalidInputError(
            f"Expected the rule '{rule.name}' to be true or false for a row, found an expression of type "
            f"{schema['held']}: {rule.expression}",
            hint="Write a comparison, such as: ended >= started",
        )
    return ~expression


def _repeated(key: Key, broken: pl.Series) -> _Expectation:
    # Rows that break something else count as different from all others.
    row = pl.when(pl.lit(broken)).then(pl.int_range(pl.len()))
    together = pl.struct(*key.columns, row.alias(_OTHERS))
    repeated = together.is_duplicated() if key.keep is KeyPolicy.NONE else ~together.is_first_distinct()
    return f"key ({', '.join(key.columns)}): repeats", repeated


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200].rstrip(".")
