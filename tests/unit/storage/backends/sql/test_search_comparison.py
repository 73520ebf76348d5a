from __future__ import annotations

from typing import Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.records.search import Comparison, Field, Kind
from millwright.storage.backends.sql.search_comparison import Sql, joined, number_test, text_test, time_test


def comparison(op: str, value: Any = None) -> Comparison:
    return Comparison(field=Field(kind=Kind.PARAM, key="p"), op=op, value=value)


def test_pattern_keeps_only_the_two_signs_of_sql_on_sqlite() -> None:
    assert text_test("x", comparison("LIKE", "a%_*?["), sqlite=True) == Sql("x GLOB ?", ("a*?[*][?][[]",))


def test_pattern_that_folds_letters_beyond_ascii_uses_our_function_on_sqlite() -> None:
    assert text_test("x", comparison("ILIKE", "a%"), sqlite=True) == Sql("x LIKE ?", ("a%",))
    assert "millwright_fold(x)" in text_test("x", comparison("ILIKE", "ä%"), sqlite=True).text


def test_pattern_has_no_escape_sign_on_postgresql() -> None:
    assert text_test("x", comparison("LIKE", "a\\%"), sqlite=False) == Sql("x LIKE ? ESCAPE ''", ("a\\%",))


def test_time_in_milliseconds_covers_the_microseconds_inside() -> None:
    assert time_test("x", comparison("=", 5)) == Sql("(x >= ? AND x < ?)", (5000, 6000))
    assert time_test("x", comparison(">", "5")) == Sql("x >= ?", (6000,))
    assert time_test("x", comparison("<=", 10**40)).values[0] <= 2**63


def test_no_choices_are_true_of_nothing() -> None:
    assert text_test("x", comparison("IN", ()), sqlite=True).text == "1 = 0"
    assert text_test("x", comparison("NOT IN", ()), sqlite=True).text == "1 = 1"


@pytest.mark.parametrize(("op", "value"), [("LIKE", 1), ("IN", "x"), ("~", "x"), ("=", None), ("=", ("x",))])
def test_text_is_not_compared_in_other_ways(op: str, value: Any) -> None:
    with pytest.raises(InvalidInputError, match="text"):
        text_test("x", comparison(op, value), sqlite=True)


@pytest.mark.parametrize(("op", "value"), [("LIKE", "1"), ("=", "red"), ("=", None), ("=", ())])
def test_numbers_are_not_compared_in_other_ways(op: str, value: Any) -> None:
    with pytest.raises(InvalidInputError, match="number"):
        number_test("x", comparison(op, value))
    with pytest.raises(InvalidInputError, match="milliseconds"):
        time_test("x", comparison(op, value))


def test_pieces_are_joined_with_their_values_in_order() -> None:
    assert joined([Sql("a = ?", (1,)), Sql("b")], "OR", "0") == Sql("(a = ? OR b)", (1,))
    assert joined([], "OR", "0") == Sql("0")
