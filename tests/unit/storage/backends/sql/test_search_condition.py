from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.records.search import All, Any_, Comparison, Field, Kind
from millwright.storage.backends.sql.search_condition import compiled, conjuncts, run_test

A, B, C = (Comparison(field=Field(kind=Kind.ATTRIBUTE, key="run_id"), op="=", value=value) for value in "abc")


def test_parts_that_must_all_be_true_are_found_at_any_depth() -> None:
    either = Any_(parts=(A, B))
    assert conjuncts(All(parts=(A, All(parts=(B, either))))) == [A, B, either]
    assert conjuncts(None) == []


def test_condition_is_one_expression_with_its_values_in_order() -> None:
    found = compiled(All(parts=(A, Any_(parts=(B, C)))), run_test, sqlite=True)
    assert (found.text, found.values) == ("(r.id = ? AND (r.id = ? OR r.id = ?))", ("a", "b", "c"))
    assert compiled(None, run_test, sqlite=True).text == "1 = 1"
    assert compiled(Any_(parts=()), run_test, sqlite=True).text == "1 = 0"


def test_unknown_attribute_names_the_closest() -> None:
    wrong = Comparison(field=Field(kind=Kind.ATTRIBUTE, key="run_nam"), op="=", value="x")
    with pytest.raises(InvalidInputError, match="run_name"):
        compiled(wrong, run_test, sqlite=True)


def test_value_longer_than_the_index_is_compared_whole() -> None:
    long = Comparison(field=Field(kind=Kind.PARAM, key="p"), op="=", value="x" * 70)
    assert compiled(long, run_test, sqlite=True).values == ("p", "x" * 64, "x" * 70)
