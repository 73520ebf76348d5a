from __future__ import annotations

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.rule import Rule, RuleScope, rule_expression
from millwright.data.contracts.severity import Severity


def test_rule_is_evaluated_over_columns_with_blanks_in_their_names() -> None:
    rule = Rule(name="order", expression="\"End Date\" >= \"Start Date\" OR status IN ('open', 'late')")
    frame = pl.DataFrame({"End Date": [2, 1, 1], "Start Date": [1, 2, 2], "status": ["x", "open", "x"]})
    assert frame.select(rule_expression(rule)).to_series().to_list() == [True, True, False]


@pytest.mark.parametrize("expression", ["", "a >", "SELECT a", "nonsense(a) > 1"])
def test_rule_that_is_no_expression_is_refused(expression: str) -> None:
    with pytest.raises(InvalidInputError, match="Expected a SQL expression in the rule 'order'"):
        Rule(name="order", expression=expression)


@pytest.mark.parametrize(
    ("expression", "scope"),
    [
        ("a > b", RuleScope.ROW),
        ("a > 1 AND note = 'SUM(x) OVER ('", RuleScope.ROW),
        ('"SUM(x)" > 1', RuleScope.ROW),
        ("summary > 1 AND maxi(1) > 0", None),
        ("a >= LAG(a) OVER (PARTITION BY k ORDER BY t)", RuleScope.ROWS),
        ("SUM(a) over(PARTITION BY k) = 1", RuleScope.ROWS),
        ("a > AVG(a)", RuleScope.ROWS),
        ("a > (SUM(a) - 1) / COUNT(*)", RuleScope.ROWS),
        ("SUM(a) = 0", RuleScope.TABLE),
        ("COUNT(*) > 3 AND MAX(ABS(a) + (b)) < 2", RuleScope.TABLE),
        ("sum(a) / count(DISTINCT b) > 1", RuleScope.TABLE),
    ],
)
def test_scope_of_a_rule_follows_from_its_expression(expression: str, scope: RuleScope | None) -> None:
    if scope is None:
        with pytest.raises(InvalidInputError):
            Rule(name="r", expression=expression)
    else:
        assert Rule(name="r", expression=expression).scope is scope


def test_rule_about_a_table_stops_where_a_row_would_be_set_aside() -> None:
    assert Rule(name="r", expression="SUM(a) = 0").severity is Severity.STOP
    assert Rule(name="r", expression="SUM(a) = 0", severity=Severity.WARN).severity is Severity.WARN
    assert Rule(name="r", expression="a = 0").severity is Severity.QUARANTINE
