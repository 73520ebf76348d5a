"""Where predictions came from, as edges of the lineage graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.records.audit import LineageEdge, NodeKind

if TYPE_CHECKING:
    from datetime import datetime

    from millwright.deployment.batch.table import BatchResult


def edges_of(result: BatchResult, at: datetime) -> list[LineageEdge]:
    """Edges from the model version and from the input to the output.

    Args:
        result: A job that is done.
        at: When it ended.
    """
    origins = [(NodeKind.MODEL_VERSION, result.model, "predicted")]
    if result.input_kind is not None:
        origins.append((result.input_kind, result.input_id, "read"))
    return [
        LineageEdge(
            source_kind=kind,
            source_id=source_id,
            relation=relation,
            target_kind=NodeKind.SOURCE,
            target_id=result.output_id,
            at=at,
        )
        for kind, source_id, relation in origins
    ]
