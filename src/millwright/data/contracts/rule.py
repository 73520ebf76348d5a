"""Rules across columns, as SQL expressions."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from millwright.core.errors import InvalidInputError


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """What must be true of each row.

    Attributes:
        name: Short, for reports.
        expression: A SQL expression over the parsed columns (names with blanks in double quotes). A row passes when
            it is true or null, so values that are missing break no rule.
        message: What to tell people of a row that fails; the expression when empty.

    Raises:
        InvalidInputError: The expression is no SQL expression.
    """

    name: str
    expression: str
    message: str = ""

    def __post_init__(self) -> None:
        rule_expression(self)


def rule_expression(rule: Rule) -> pl.Expr:
    """A rule's expression as Polars evaluates it.

    Raises:
        InvalidInputError: It is no SQL expression, or uses a function that Polars' SQL does not have.
    """
    try:
        return pl.sql_expr(rule.expression)
    except pl.exceptions.PolarsError as error:
        raise InvalidInputError(
            f"Expected a SQL expression in the rule '{rule.name}', found '{rule.expression}': "
            f"{' '.join(str(error).split())[:200]}.",
            hint='For example: "Actual End" >= "Actual Start" (names with blanks in double quotes).',
        ) from error
