"""Walks the lineage graph: what something came from, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError
from millwright.core.records.audit import LineageEdge, NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.storage.base import LineageStore


class Direction(StrEnum):
    """Which way to walk."""

    UPSTREAM = "upstream"  # towards what it came from
    DOWNSTREAM = "downstream"  # towards what came of it


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the graph; its id is as `NodeKind` says."""

    kind: NodeKind
    id: str

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Lineage:
    """What a walk found.

    Attributes:
        start: Where it began.
        direction: Which way it went.
        nodes: Every node met, in the order of their distance from the start, which comes first.
        distances: Steps from the start to each node, same order.
        edges: Every edge walked, each once.
        complete: False when the depth ended the walk before the graph did.
    """

    start: Node
    direction: Direction
    nodes: tuple[Node, ...]
    distances: tuple[int, ...]
    edges: tuple[LineageEdge, ...]
    complete: bool

    def of_kind(self, kind: NodeKind) -> list[str]:
        """Ids of the nodes of one kind, nearest first."""
        return [node.id for node in self.nodes if node.kind is kind]

    def to_text(self) -> Iterator[str]:
        """One line per edge."""
        for edge in self.edges:
            yield f"{edge.target_kind} {edge.target_id} ← {edge.relation} ← {edge.source_kind} {edge.source_id}"
        if not self.complete:
            yield "… and further; the walk ended at its depth."


def walk(store: LineageStore, start: Node, *, direction: Direction = Direction.UPSTREAM, depth: int = 20) -> Lineage:
    """Walk the graph breadth first; each node is entered once, so that cycles end.

    Args:
        store: The graph.
        start: Where to begin; a node without edges gives a lineage of itself.
        direction: Which way.
        depth: Steps at most, ≥ 0.

    Raises:
        InvalidInputError: A negative depth.
    """
    if depth < 0:
        raise InvalidInputError(f"Expected a depth of 0 or more, found {depth}.")
    distances: dict[Node, int] = {start: 0}
    edges: list[LineageEdge] = []
    frontier, complete = [start], True
    for distance in range(1, depth + 2):
        following: list[Node] = []
        for node in frontier:
            for edge, other in _neighbours(store, node, direction):
                if distance > depth:
                    complete = False  # this step only looked whether there is more
                    break
                edges.append(edge)
                if other not in distances:
                    distances[other] = distance
                    following.append(other)
        frontier = following
    return Lineage(
        start=start,
        direction=direction,
        nodes=tuple(distances),
        distances=tuple(distances.values()),
        edges=tuple(edges),
        complete=complete,
    )


def _neighbours(store: LineageStore, node: Node, direction: Direction) -> Iterator[tuple[LineageEdge, Node]]:
    if direction is Direction.UPSTREAM:
        for edge in store.upstream(node.kind, node.id):
            yield edge, Node(edge.source_kind, edge.source_id)
    else:
        for edge in store.downstream(node.kind, node.id):
            yield edge, Node(edge.target_kind, edge.target_id)
