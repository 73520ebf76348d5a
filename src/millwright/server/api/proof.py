"""The audit log, explanations and lineage."""

from __future__ import annotations

from typing import Annotated

from litestar import get
from litestar.params import QueryParameter

from millwright.core.ids import PredictionId
from millwright.core.records.audit import AuditEvent, NodeKind
from millwright.data.lineage.graph import Direction, Lineage, Node, walk
from millwright.governance.audit import AuditVerification, verify_audit
from millwright.governance.explanation import Explanation
from millwright.governance.why import explain_prediction
from millwright.server.api.listing import Filter, Limit, Listing, Name, listing
from millwright.server.injection import FromApp


@get("/audit", sync_to_thread=True, tags=["proof"])
def list_audit(services: FromApp, limit: Limit = 100, subject: Filter = None) -> Listing[AuditEvent]:
    """List audit entries, newest first, of one subject when given."""
    return listing(services.stores.audit.list(subject=subject, limit=limit), limit)


@get("/audit/verify", sync_to_thread=True, tags=["proof"])
def check_audit(services: FromApp, head: Filter = None) -> AuditVerification:
    """Recompute the audit log's hash chain; a head noted earlier must still be in it."""
    return verify_audit(services.stores.audit, head=head)


@get("/predictions/{prediction_id:str}/why", sync_to_thread=True, tags=["proof"])
def explain(services: FromApp, prediction_id: Name) -> Explanation:
    """Explain a prediction: features, answer, model version, and everything behind it."""
    return explain_prediction(PredictionId(prediction_id), stores=services.stores)


@get("/lineage", sync_to_thread=True, tags=["proof"])
def walk_lineage(
    services: FromApp,
    kind: Annotated[NodeKind, QueryParameter(description="What the node is.")],
    node: Annotated[str, QueryParameter(description="The node's id, such as schedule-delay@3.")],
    direction: Annotated[
        Direction, QueryParameter(description="Towards what it came from, or what came of it.")
    ] = Direction.UPSTREAM,
    depth: Annotated[int, QueryParameter(ge=0, le=50, description="Steps at most, 0 to 50.")] = 20,
) -> Lineage:
    """Walk the lineage graph from a node, towards what it came from or what came of it."""
    return walk(services.stores.lineage, Node(kind, node), direction=direction, depth=depth)
