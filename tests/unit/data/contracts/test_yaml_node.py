from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.yaml_node import YamlNode, read_yaml


def read(text: str) -> YamlNode:
    return read_yaml(text, source="c.yaml", path="the contract")


def test_values_stay_the_text_that_people_wrote() -> None:
    fields = read("a: no\nb: 007\nc: 2024-01-01\nd: [null, 1, ~]\ne: 1").fields()
    assert [fields[name].text() for name in "abc"] == ["no", "007", "2024-01-01"]
    assert fields["d"].texts() == ("null", "1", "~")
    assert fields["e"].texts() == ("1",)


def test_flags_and_numbers_are_read_where_they_are_asked_for() -> None:
    fields = read("a: Yes\nb: 3\nc: 1.5").fields()
    assert fields["a"].flag() is True
    assert (fields["b"].number(), fields["c"].number()) == (3, 1.5)


def test_empty_and_null_are_nothing_but_quoted_ones_are_text() -> None:
    fields = read('a:\nb: null\nc: "null"\nd: ""').fields()
    assert [fields[name].is_nothing for name in "abcd"] == [True, True, False, False]
    assert fields["a"].items() == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected the contract, found an empty file"),
        ("# only a comment", "found an empty file"),
        ("a: [1", "c.yaml, line 1: not readable as YAML"),
        ("a: 1\nb: x: y", "c.yaml, line 2: not readable as YAML"),
        ("a: \x01", "not readable as YAML"),
        ("- 1", "Expected keys with values for the contract, found a list"),
        ("a: 1\nbb: 2", "c.yaml, line 2: Unknown key 'bb' in the contract. Did you mean 'b'"),
        ("a: 1\na: 2", "c.yaml, line 2: The key 'a' occurs twice"),
    ],
)
def test_document_that_cannot_be_read_names_the_line(text: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        read(text).fields(["a", "b"])


def test_value_of_another_kind_names_the_line_and_what_was_found() -> None:
    fields = read("a:\n  - 1\nb: x").fields()
    with pytest.raises(InvalidInputError, match="line 2: Expected one value for 'a' in the contract, found a list"):
        fields["a"].text()
    with pytest.raises(InvalidInputError, match="line 3: Expected a number for 'b' in the contract, found 'x'"):
        fields["b"].number()
    with pytest.raises(InvalidInputError, match="line 3: Expected true or false"):
        fields["b"].flag()
