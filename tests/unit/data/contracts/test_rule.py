from __future__ import annotations

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.rule import Rule, rule_expression


def test_rule_is_evaluated_over_columns_with_blanks_in_their_names() -> None:
    rule = Rule(name="order", expression="\"End Date\" >= \"Start Date\" OR status IN ('open', 'late')")
    frame = pl.DataFrame({"End Date": [2, 1, 1], "Start Date": [1, 2, 2], "status": ["x", "open", "x"]})
    assert frame.select(rule_expression(rule)).to_series().to_list() == [True, True, False]


@pytest.mark.parametrize("expression", ["", "a >", "SELECT a", "nonsense(a) > 1"])
def test_rule_that_is_no_expression_is_refused(expression: str) -> None:
    with pytest.raises(InvalidInputError, match="Expected a SQL expression in the rule 'order'"):
        Rule(name="order", expression=expression)
