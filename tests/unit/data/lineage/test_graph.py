from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.records.audit import LineageEdge, NodeKind
from millwright.data.lineage.graph import Direction, Node, walk

if TYPE_CHECKING:
    from millwright.storage.catalog import Stores

AT = datetime(2026, 1, 1, tzinfo=UTC)


def value(name: str) -> Node:
    return Node(NodeKind.VALUE, name)


def connect(stores: Stores, *pairs: str) -> None:
    """Each pair `ab` is an edge from a to b."""
    stores.lineage.add(
        [
            LineageEdge(
                source_kind=NodeKind.VALUE,
                source_id=source,
                relation="read",
                target_kind=NodeKind.VALUE,
                target_id=target,
                at=AT,
            )
            for source, target in pairs
        ]
    )


def test_walk_finds_everything_upstream_nearest_first(stores: Stores):
    connect(stores, "ab", "bd", "cd", "xc", "de")
    found = walk(stores.lineage, value("d"))
    assert [node.id for node in found.nodes] == ["d", "b", "c", "a", "x"]
    assert found.distances == (0, 1, 1, 2, 2)
    assert found.complete
    assert found.of_kind(NodeKind.VALUE)[0] == "d"
    assert found.of_kind(NodeKind.DATASET) == []


def test_walk_goes_downstream_when_asked(stores: Stores):
    connect(stores, "ab", "bc", "bd")
    found = walk(stores.lineage, value("a"), direction=Direction.DOWNSTREAM)
    assert {node.id for node in found.nodes} == {"a", "b", "c", "d"}
    assert next(iter(found.to_text())) == "value b ← read ← value a"


def test_walk_ends_when_the_graph_has_a_cycle(stores: Stores):
    connect(stores, "ab", "bc", "ca", "cc")
    found = walk(stores.lineage, value("a"))
    assert {node.id for node in found.nodes} == {"a", "b", "c"}
    assert len(found.edges) == 4
    assert found.complete


def test_walk_stops_at_its_depth_and_says_so(stores: Stores):
    connect(stores, "ab", "bc", "cd")
    found = walk(stores.lineage, value("d"), depth=2)
    assert [node.id for node in found.nodes] == ["d", "c", "b"]
    assert not found.complete
    assert "further" in list(found.to_text())[-1]
    assert walk(stores.lineage, value("d"), depth=3).complete
    assert not walk(stores.lineage, value("d"), depth=0).complete


def test_walk_gives_the_start_alone_when_it_has_no_edges(stores: Stores):
    found = walk(stores.lineage, value("alone"))
    assert found.nodes == (value("alone"),)
    assert found.edges == ()


def test_walk_refuses_a_negative_depth(stores: Stores):
    with pytest.raises(InvalidInputError, match="depth of 0 or more"):
        walk(stores.lineage, value("a"), depth=-1)
