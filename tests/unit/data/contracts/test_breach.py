from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.breach import any_row, find_breaches
from millwright.data.contracts.column import ColumnContract, ColumnType
from millwright.data.contracts.contract import Contract, Key, KeyPolicy
from millwright.data.contracts.parsing import parse_columns
from millwright.data.contracts.rule import Rule


def breaches(raw: dict[str, list[Any]], *columns: ColumnContract, **parts: Any) -> dict[str, list[int]]:
    """Reason → numbers of the rows, from 0."""
    contract = Contract(name="t", columns=columns, **parts)
    found = find_breaches(parse_columns(pl.DataFrame(raw), contract), contract)
    return {breach.reason: breach.rows.arg_true().to_list() for breach in found}


def column(kind: str, name: str = "a", **expectations: Any) -> ColumnContract:
    return ColumnContract(name=name, type=ColumnType(kind), **expectations)


@pytest.mark.parametrize(
    ("expected", "values", "found"),
    [
        (column("integer"), ["1", "x", ""], {"a: not a whole number": [1]}),
        (column("date", formats=("M/D/YYYY",)), ["1/2/2024", "2024"], {"a: not a date (M/D/YYYY)": [1]}),
        (column("number", nullable=False), ["1", "x", "", None], {"a: not a number": [1], "a: missing": [2, 3]}),
        (
            column("number", minimum=0, maximum=1.5),
            ["0", "-1", "1.5", "2", ""],
            {"a: below 0": [1], "a: above 1.5": [3]},
        ),
        (column("date", minimum=date(2024, 1, 2)), ["2024-01-02", "2024-01-01"], {"a: below 2024-01-02": [1]}),
        (column("string", pattern="^x\\d$"), ["x1", "x", ""], {"a: does not match ^x\\d$": [1]}),
        (column("category", allowed=("u", "v")), ["u ", "w", ""], {"a: not an allowed value": [1]}),
        (column("integer", allowed=(1, 2)), ["1", "3"], {"a: not an allowed value": [1]}),
        (column("number", allowed=(1, 2.5)), ["1", "2.5", "2"], {"a: not an allowed value": [2]}),
        (column("string", unique=True), ["x", "y", "x", None, None], {"a: repeats": [2]}),
        (column("string"), ["x"], {}),
    ],
)
def test_expectation_is_broken_by_the_rows_it_should(
    expected: ColumnContract, values: list[str | None], found: dict[str, list[int]]
) -> None:
    assert breaches({"a": values}, expected) == found


@pytest.mark.parametrize("bound", [date(2024, 1, 2), datetime(2024, 1, 2, tzinfo=UTC), datetime(2024, 1, 2)])  # noqa: DTZ001
@pytest.mark.parametrize("zone", ["", "Z"])
def test_times_are_compared_with_any_kind_of_bound(bound: date, zone: str) -> None:
    times = column("datetime", minimum=bound, formats=(f"YYYY-MM-DDTHH:mm{zone}",))
    found = breaches({"a": [f"2024-01-02T00:00{zone}", f"2024-01-01T23:59{zone}"]}, times)
    assert list(found.values()) == [[1]]


def test_rule_is_broken_where_it_is_false_but_not_where_it_is_null() -> None:
    rule = Rule(name="order", expression='"b c" >= a', message="ends early")
    found = breaches(
        {"a": ["2", "1", "", "2"], "b c": ["1", "1", "0", None]},
        column("integer"),
        column("integer", "b c"),
        rules=(rule,),
    )
    assert found == {"order: ends early": [0]}


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("a > bb", "names the column 'bb', .*Did you mean 'b'"),
        ("a + 1", "to be true or false, found an expression of type Int64"),
        ("b > 5", "rule 'r' cannot be evaluated|rules cannot be evaluated"),
    ],
)
def test_rule_that_does_not_fit_the_table_is_refused(expression: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        breaches(
            {"a": ["1"], "b": ["x"]},
            column("integer"),
            column("string", "b"),
            rules=(Rule(name="r", expression=expression),),
        )


def test_key_that_repeats_keeps_the_first_row_or_none() -> None:
    raw = {"a": ["1", "1", "2", "1", ""], "b": ["x", "x", "x", "y", ""]}
    columns = (column("integer"), column("string", "b"))
    keep_first = breaches(raw, *columns, key=Key(columns=("a", "b")))
    assert keep_first == {"key (a, b): repeats": [1]}
    keep_none = breaches(raw, *columns, key=Key(columns=("a", "b"), keep=KeyPolicy.NONE))
    assert keep_none == {"key (a, b): repeats": [0, 1]}


def test_key_is_judged_among_rows_that_break_nothing_else() -> None:
    raw = {"a": ["1", "1", "1"], "b": ["x", "1", "2"]}
    found = breaches(raw, column("integer"), column("integer", "b"), key=Key(columns=("a",)))
    assert found == {"b: not a whole number": [0], "key (a): repeats": [2]}


def test_two_rules_with_the_same_words_are_both_reported() -> None:
    rules = (Rule(name="r", expression="a > 1"), Rule(name="s", expression="a > 1"))
    assert breaches({"a": ["1"]}, column("integer"), rules=rules) == {"r: a > 1": [0], "s: a > 1": [0]}


def test_table_without_rows_breaks_nothing() -> None:
    contract = Contract(name="t", columns=(column("integer", unique=True),), key=Key(columns=("a",)))
    assert find_breaches(parse_columns(pl.DataFrame({"a": []}, schema={"a": pl.String}), contract), contract) == []
    assert any_row([], 2).to_list() == [False, False]
