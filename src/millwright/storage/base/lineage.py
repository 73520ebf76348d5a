"""The lineage graph."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.audit import LineageEdge, NodeKind


class LineageStore(ABC):
    """Edges from what was used to what came of it."""

    @abstractmethod
    def add(self, edges: Sequence[LineageEdge]) -> None:
        """Add edges; one that is there already (all but its time equal) is left as it is."""

    @abstractmethod
    def upstream(self, kind: NodeKind, node_id: str) -> list[LineageEdge]:
        """Edges that end in a node, oldest first."""

    @abstractmethod
    def downstream(self, kind: NodeKind, node_id: str) -> list[LineageEdge]:
        """Edges that begin in a node, oldest first."""
