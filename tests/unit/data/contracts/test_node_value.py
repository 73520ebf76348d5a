from __future__ import annotations

from datetime import timedelta

import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.node_value import member, required, share, span, text_of, texts_of, whole
from millwright.data.contracts.severity import Severity
from millwright.data.contracts.yaml_node import YamlNode, read_yaml


def node(text: str) -> YamlNode:
    return read_yaml(text, source="f.yaml", path="the value")


@pytest.mark.parametrize(("text", "value"), [("20%", 0.2), ("0.2", 0.2), ("2", 2.0), ("0.5 %", 0.005)])
def test_share_is_a_number_or_a_percentage(text: str, value: float) -> None:
    assert share(node(text)) == pytest.approx(value)


@pytest.mark.parametrize("read", [share, whole, span])
def test_what_cannot_be_read_names_the_line(read) -> None:
    with pytest.raises(InvalidInputError, match=r"f\.yaml, line 1: Expected"):
        read(node("many%"))


def test_word_of_a_list_is_read_or_the_closest_named() -> None:
    assert member(node("stop"), Severity, None) is Severity.STOP
    assert member(None, Severity, Severity.WARN) is Severity.WARN
    with pytest.raises(InvalidInputError, match="Did you mean 'stop'"):
        member(node("stopp"), Severity, None)


def test_keys_are_read_with_their_defaults() -> None:
    found = node("{a: [x, y], b: 2d}").fields()
    assert texts_of(found, "a") == ("x", "y")
    assert (texts_of(found, "c"), text_of(found, "c")) == ((), "")
    assert span(found["b"]) == timedelta(days=2)
    with pytest.raises(InvalidInputError, match="Expected the key 'c' in a thing"):
        required(node("{a: 1}"), found, "a thing", "a", "c")
