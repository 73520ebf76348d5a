"""Conformance of `LineageStore`."""
# ruff: noqa: S101

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from millwright.core.records.audit import LineageEdge, NodeKind
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance
from millwright.testing.process import in_threads

if TYPE_CHECKING:
    from millwright.storage.base.lineage import LineageStore


class LineageStoreConformance(StoreConformance):
    """Edges from what was used to what came of it."""

    def test_edges_are_found_from_both_ends(self, store: LineageStore) -> None:
        """Of that kind and id only."""
        edges = [edge("a", "s"), edge("b", "s", seconds=1), edge("a", "t", seconds=2)]
        store.add(edges)
        assert store.upstream(NodeKind.STEP_RUN, "s") == edges[:2]
        assert store.downstream(NodeKind.DATASET, "a") == [edges[0], edges[2]]
        assert store.upstream(NodeKind.MODEL_VERSION, "s") == store.downstream(NodeKind.DATASET, "s") == []

    def test_edges_are_given_oldest_first(self, store: LineageStore) -> None:
        """By time, then in the order they came."""
        edges = [edge(name, "s", seconds=seconds) for name, seconds in (("c", 1), ("b", 0), ("a", 1))]
        for one in edges:
            store.add([one])
        assert store.upstream(NodeKind.STEP_RUN, "s") == [edges[1], edges[0], edges[2]]

    def test_edge_that_is_there_already_is_left_as_it_is(self, store: LineageStore) -> None:
        """With its first time; another relation is another edge."""
        first = edge("a", "s")
        other = replace(edge("a", "s", seconds=7), relation="wrote")
        store.add([first, first])
        store.add([edge("a", "s", seconds=5), other])
        assert store.upstream(NodeKind.STEP_RUN, "s") == [first, other]

    def test_nothing_added_is_nothing(self, store: LineageStore) -> None:
        """An empty call is fine."""
        store.add([])
        assert store.upstream(NodeKind.STEP_RUN, "s") == []

    def test_edges_are_stored_once_when_threads_add_them_together(self, store: LineageStore) -> None:
        """Whatever the order."""
        edges = [edge(str(number), "s") for number in range(20)]
        in_threads(lambda number: store.add(edges if number % 2 else edges[::-1]))
        assert len(store.upstream(NodeKind.STEP_RUN, "s")) == 20


def edge(dataset: str, step_run: str, *, seconds: float = 0) -> LineageEdge:
    """A step run that read a dataset."""
    return LineageEdge(
        source_kind=NodeKind.DATASET,
        source_id=dataset,
        relation="read",
        target_kind=NodeKind.STEP_RUN,
        target_id=step_run,
        at=sample.moment(seconds),
    )
