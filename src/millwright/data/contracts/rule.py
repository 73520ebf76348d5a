"""Rules as SQL expressions: across the columns of a row, across rows, or about the table as a whole."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.severity import Severity

_AGGREGATES = (
    "AVG CORR COUNT COVAR COVAR_POP COVAR_SAMP FIRST LAST MAX MEDIAN MIN QUANTILE_CONT QUANTILE_DISC STDDEV "
    "STDDEV_SAMP STDEV STDEV_SAMP SUM VAR VAR_SAMP VARIANCE"
)
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
_WINDOW = re.compile(r"\bOVER\s*\(", re.IGNORECASE)
_AGGREGATE = re.compile(rf"\b(?:{'|'.join(_AGGREGATES.split())})\s*\(", re.IGNORECASE)


class RuleScope(StrEnum):
    """What a rule looks at to judge."""

    ROW = "row"  # one row at a time
    ROWS = "rows"  # each row, in the light of others: window functions, or an aggregate beside a row's own value
    TABLE = "table"  # all rows at once: aggregates only, true or false for the table


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """What must be true of each row, of rows together, or of the table.

    Which of them follows from the expression: `ended >= started` is about a row;
    `at >= LAG(at) OVER (PARTITION BY id ORDER BY at)` and `SUM(share) OVER (PARTITION BY id) = 1` are about a row in
    the light of others; `SUM(amount) = 0` is about the table.

    Attributes:
        name: Short, for reports.
        expression: A SQL expression over the parsed columns (names with blanks in double quotes), as Polars' SQL has
            it. A row passes when it is true or null, so values that are missing break no rule.
        message: What to tell people of a row that fails; the expression when empty.
        severity: What a row that fails does; of a rule about the table, `quarantine` means `stop`, as there is no row
            to set aside.

    Raises:
        InvalidInputError: The expression is no SQL expression.
    """

    name: str
    expression: str
    message: str = ""
    severity: Severity = Severity.QUARANTINE

    def __post_init__(self) -> None:
        rule_expression(self)
        if self.scope is RuleScope.TABLE and self.severity is Severity.QUARANTINE:
            object.__setattr__(self, "severity", Severity.STOP)

    @property
    def scope(self) -> RuleScope:
        """What it looks at."""
        # Quoted text keeps its length, so that places agree.
        bare = _QUOTED.sub(lambda found: "x" * len(found[0]), self.expression)
        if _WINDOW.search(bare):
            return RuleScope.ROWS
        if not _AGGREGATE.search(bare):
            return RuleScope.ROW
        left = pl.sql_expr(_without_aggregates(self.expression, bare))
        return RuleScope.ROWS if left.meta.root_names() else RuleScope.TABLE

    @property
    def reason(self) -> str:
        """What is said of a row that fails."""
        return f"{self.name}: {self.message or self.expression}"


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


def _without_aggregates(expression: str, bare: str) -> str:
    """The expression with 1 in place of each call of an aggregate: what is left names columns of single rows."""
    found = _AGGREGATE.search(bare)
    if found is None:
        return expression
    depth = 0
    for place in range(found.end() - 1, len(bare)):
        depth += {"(": 1, ")": -1}.get(bare[place], 0)
        if not depth:
            return _without_aggregates(
                f"{expression[: found.start()]}1{expression[place + 1 :]}",
                f"{bare[: found.start()]}1{bare[place + 1 :]}",
            )
    raise AssertionError(expression)  # it was parsed: its parentheses match
