from __future__ import annotations

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.column import ColumnContract, ColumnType
from millwright.data.contracts.expectation import column_expectations, rule_expectation, uniqueness
from millwright.data.contracts.rule import Rule
from millwright.data.contracts.severity import Severity

SCHEMA = {"a": pl.Int64()}


def test_each_expectation_of_a_column_has_its_severity() -> None:
    column = ColumnContract(
        name="a",
        type=ColumnType.INTEGER,
        nullable=False,
        minimum=0,
        maximum=9,
        unique=True,
        severity={"min": Severity.WARN, "nullable": Severity.STOP, "unique": Severity.WARN},
    )
    found = {one.reason: one.severity for one in column_expectations(column, SCHEMA, pl.Series([True]))}
    assert found == {
        "a: not a whole number": Severity.QUARANTINE,
        "a: missing": Severity.STOP,
        "a: below 0": Severity.WARN,
        "a: above 9": Severity.QUARANTINE,
    }
    assert uniqueness(column).severity is Severity.WARN


def test_rule_is_checked_against_the_types_without_rows() -> None:
    broken = rule_expectation(Rule(name="r", expression="a > LAG(a) OVER (ORDER BY a)"), SCHEMA).broken
    assert pl.DataFrame({"a": [1, 1, 2]}).select(broken).to_series().to_list() == [None, True, False]
    with pytest.raises(InvalidInputError, match="names the column 'b'"):
        rule_expectation(Rule(name="r", expression="b > 1"), SCHEMA)
    with pytest.raises(InvalidInputError, match="true or false"):
        rule_expectation(Rule(name="r", expression="SUM(a)"), SCHEMA)
