from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

import millwright as mw
from millwright.core.errors import InvalidInputError
from millwright.pipelines.graph import Link, Output
from millwright.pipelines.runner.shelf import ValueShelf
from millwright.pipelines.serializers import ValueTypes

if TYPE_CHECKING:
    from millwright.pipelines.graph import Graph
    from millwright.storage.catalog import Stores


@mw.step
def make() -> tuple[pl.DataFrame, dict[str, int]]:
    return pl.DataFrame({"a": [1]}), {"b": 1}


@mw.step
def use(frame: pl.DataFrame, table: Any, items: list[pl.DataFrame]) -> int:
    return 1


@mw.pipeline
def demo() -> None:
    frame, table = make()
    use(frame, table, [frame, frame])


@pytest.fixture
def graph() -> Graph:
    return demo.build()


@pytest.fixture
def shelf(graph: Graph, stores: Stores) -> ValueShelf:
    return ValueShelf(graph, graph.nodes, stores.artifacts, ValueTypes())


def test_values_come_back_in_the_type_asked_for(shelf: ValueShelf, graph: Graph) -> None:
    make_node, use_node = graph.nodes
    frame, table = pl.DataFrame({"a": [1]}), {"b": 1}
    refs = shelf.store("make", make_node.spec.outputs, (frame, table))
    assert [ref.serializer for ref in refs] == ["polars", "json"]
    assert shelf.ref(Link("make", 1)) == refs[1]
    arguments = shelf.arguments(use_node)
    assert arguments["frame"].equals(frame)
    assert arguments["table"] == table
    assert [item.equals(frame) for item in arguments["items"]] == [True, True]
    assert shelf.fetch(Link("make", 0), dict) is not frame


def test_value_is_kept_at_hand_until_all_who_want_it_had_it(shelf: ValueShelf, graph: Graph, stores: Stores) -> None:
    make_node, use_node = graph.nodes
    frame = pl.DataFrame({"a": [2]})
    refs = shelf.store("make", make_node.spec.outputs, (frame, {"b": 1}))
    for ref in refs:
        stores.artifacts.delete(ref.digest)
    assert shelf.fetch(Link("make", 0), Any).equals(frame)
    shelf.release(use_node.links)
    assert not shelf.has_all(refs)
    with pytest.raises(Exception, match=str(refs[0].digest)[:8]):
        shelf.fetch(Link("make", 0), Any)


def test_values_placed_from_the_cache_are_read_from_the_store(shelf: ValueShelf, graph: Graph, stores: Stores) -> None:
    other = ValueShelf(graph, graph.nodes, stores.artifacts, ValueTypes())
    refs = shelf.store("make", graph.nodes[0].spec.outputs, (pl.DataFrame({"a": [3]}), {"b": 2}))
    other.place("make", refs)
    assert other.has_all(refs)
    assert other.arguments(graph.nodes[1])["table"] == {"b": 2}


def test_value_of_another_type_than_promised_is_refused(shelf: ValueShelf) -> None:
    with pytest.raises(InvalidInputError, match="annotated to return int, and returned str"):
        shelf.store("x", [Output(name="result", hint=int)], "text")
