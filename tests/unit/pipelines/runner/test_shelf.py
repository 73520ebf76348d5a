from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

import millwright as mw
from millwright.core.errors import InvalidInputError
from millwright.pipelines.graph import Link
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


@mw.step
def number() -> int:
    return 1


@mw.step
def parts() -> list[pl.DataFrame]:
    return []


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
    refs = shelf.store("make", make_node.spec, (frame, table))
    assert [ref.serializer for ref in refs] == ["polars", "json"]
    assert shelf.ref(Link("make", 1)) == refs[1]
    arguments = shelf.arguments(use_node, use_node.links)
    assert arguments["frame"].equals(frame)
    assert arguments["table"] == table
    assert [item.equals(frame) for item in arguments["items"]] == [True, True]
    assert shelf.fetch(Link("make", 0), dict) is not frame


def test_value_is_kept_at_hand_until_all_who_want_it_had_it(shelf: ValueShelf, graph: Graph, stores: Stores) -> None:
    make_node, use_node = graph.nodes
    frame = pl.DataFrame({"a": [2]})
    refs = shelf.store("make", make_node.spec, (frame, {"b": 1}))
    for ref in refs:
        stores.artifacts.delete(ref.digest)
    assert shelf.fetch(Link("make", 0), Any).equals(frame)
    shelf.release(use_node.sources)
    assert not shelf.has_all(refs)
    with pytest.raises(Exception, match=str(refs[0].digest)[:8]):
        shelf.fetch(Link("make", 0), Any)


def test_values_placed_from_the_cache_are_read_from_the_store(shelf: ValueShelf, graph: Graph, stores: Stores) -> None:
    other = ValueShelf(graph, graph.nodes, stores.artifacts, ValueTypes())
    refs = shelf.store("make", graph.nodes[0].spec, (pl.DataFrame({"a": [3]}), {"b": 2}))
    other.place("make", refs)
    assert other.has_all(refs)
    assert other.arguments(graph.nodes[1], graph.nodes[1].links)["table"] == {"b": 2}


def test_value_that_a_power_cut_left_empty_is_not_there(shelf: ValueShelf, graph: Graph, stores: Stores) -> None:
    refs = shelf.store("make", graph.nodes[0].spec, (pl.DataFrame({"a": [3]}), {"b": 2}))
    digest = str(refs[1].digest)
    (blob,) = Path(stores.artifacts._folder._root).glob(f"{digest[:2]}/{digest[2:]}")
    blob.write_bytes(b"")
    assert not shelf.has_all(refs)
    shelf.store("make", graph.nodes[0].spec, (pl.DataFrame({"a": [3]}), {"b": 2}))
    assert shelf.has_all(refs)


def test_short_values_of_many_items_share_a_blob(shelf: ValueShelf, graph: Graph, stores: Stores) -> None:
    spec = number.spec
    values = [[encoded for encoded, _ in shelf.encoder.encode("x", spec, each)] for each in (1, 22, 333)]
    refs = [one for (one,) in shelf.store_packed(values)]
    assert len({ref.pack for ref in refs}) == 1
    assert [(ref.offset, ref.size_bytes) for ref in refs] == [(0, 1), (1, 2), (3, 3)]
    assert [shelf.load(ref, stored=int, wanted=int) for ref in refs] == [1, 22, 333]
    assert shelf.has_all(refs)
    whole = shelf.gather(spec.outputs[0], refs, {})
    assert shelf.load(whole, stored=list[int], wanted=list[int]) == [1, 22, 333]
    assert list(stores.artifacts.iter()).count(whole.digest) == 1


def test_list_of_tables_is_a_list_of_values_of_their_own(shelf: ValueShelf, graph: Graph, stores: Stores) -> None:
    frames = [pl.DataFrame({"a": [n]}) for n in range(2)] + [pl.DataFrame({"a": range(100_000)})]
    (ref,) = shelf.store("parts", parts.spec, frames)
    assert ref.serializer == "items"
    assert len(ref.parts) == 1  # the long one is a blob of its own, which the record names
    shelf.place("make", (ref, ref))
    assert shelf.place_items("use<x>", Link("make", 0)) == 3
    assert [shelf.fetch(Link(f"use<x>[{n}]", 0), pl.DataFrame).equals(frames[n]) for n in range(3)] == [True] * 3
    elsewhere = ValueShelf(
        graph, graph.nodes, stores.artifacts, ValueTypes()
    )  # another process has only the references
    for n in range(3):
        link = Link(f"use<x>[{n}]", 0)
        elsewhere.place_one(link, shelf.ref(link))
        assert elsewhere.fetch(link, pl.DataFrame).equals(frames[n])
    found = shelf.load(ref, stored=list[pl.DataFrame], wanted=list[pl.DataFrame])
    assert [one.equals(other) for one, other in zip(found, frames, strict=True)] == [True] * 3


def test_value_that_is_not_what_its_step_promised_names_that_step(stores: Stores) -> None:
    @mw.step
    def names() -> list[str]:
        return ["a", 3]  # type: ignore[list-item]

    @mw.step
    def greet(names: list[str]) -> str:
        return ""

    @mw.pipeline
    def greeting() -> None:
        greet(names())

    graph = greeting.build()
    shelf = ValueShelf(graph, graph.nodes, stores.artifacts, ValueTypes())
    shelf.store("names", graph.nodes[0].spec, ["a", 3])
    with pytest.raises(
        InvalidInputError, match=r"'names' gave a value that is no list\[str\]: Expected `str`"
    ) as caught:
        shelf.arguments(graph.nodes[1], graph.nodes[1].links)
    assert "Correct what 'names' returns" in caught.value.hint


def test_first_output_that_is_there_is_taken(shelf: ValueShelf, graph: Graph) -> None:
    node = replace(graph.nodes[1], links={"table": Link("gone", 0)}, others={"table": (Link("make", 1),)}, gathered={})
    assert shelf.links(node) is None
    shelf.store("make", graph.nodes[0].spec, (pl.DataFrame({"a": [3]}), {"b": 2}))
    assert shelf.links(node) == {"table": Link("make", 1)}


def test_field_of_a_value_stands_for_itself_in_keys(shelf: ValueShelf, graph: Graph) -> None:
    shelf.store("make", graph.nodes[0].spec, (pl.DataFrame({"a": [3]}), {"b": 2}))
    one = shelf.identity(Link("make", 1, "b"))
    assert shelf.fetch(Link("make", 1, "b"), int) == 2
    shelf.store("make", graph.nodes[0].spec, (pl.DataFrame({"a": [3]}), {"b": 2, "c": 1}))
    assert shelf.identity(Link("make", 1, "b")) == one
    assert shelf.identity(Link("make", 1)) != one
