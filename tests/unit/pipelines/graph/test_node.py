from __future__ import annotations

import pytest

import millwright as mw
from millwright.core.errors import InvalidInputError
from millwright.pipelines.graph import Graph, Link


@mw.step
def one(n: int) -> int:
    return n


@mw.step
def both(values: list[int], extra: int = 0) -> int:
    return sum(values)


@mw.pipeline
def demo() -> None:
    a, b = one(1), one(2)
    both([a, b])
    one(a)


@pytest.fixture
def graph() -> Graph:
    return demo.build()


def test_list_of_outputs_becomes_a_link_per_item(graph: Graph) -> None:
    node = graph.node("both")
    assert node.links == {"values[0]": Link("one", 0), "values[1]": Link("one-2", 0)}
    assert node.item_names("values") == ("values[0]", "values[1]")
    assert node.values == {"extra": 0}
    assert node.declared_at.startswith("test_node.py:")


def test_until_keeps_what_a_step_needs(graph: Graph) -> None:
    assert [node.name for node in graph.until("one-3")] == ["one", "one-3"]
    assert [node.name for node in graph.until("both")] == ["one", "one-2", "both"]
    assert graph.until(None) == graph.nodes


def test_unknown_node_is_an_error_that_names_the_closest(graph: Graph) -> None:
    with pytest.raises(InvalidInputError, match=r"no step 'bot'\. Did you mean 'both'"):
        graph.node("bot")


def test_scope_of_ordinary_code_does_nothing(graph: Graph) -> None:
    with graph.scope.active():
        assert graph.pipeline == "demo"
