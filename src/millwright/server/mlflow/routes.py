"""Every endpoint of the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.server.mlflow import probe
from millwright.server.mlflow.artifacts import artifact, artifact_owner, artifact_part
from millwright.server.mlflow.document import wire_document
from millwright.server.mlflow.evaluation import evaluation_dataset, scorer
from millwright.server.mlflow.permission import Access, Rule, server
from millwright.server.mlflow.registry import model_alias, model_version, registered_model, webhook
from millwright.server.mlflow.route import Route
from millwright.server.mlflow.traces import assessment, otlp, trace, trace_metric, trace_old, trace_search, trace_span
from millwright.server.mlflow.tracking import experiment, history, logged_model, metric, run, run_link

if TYPE_CHECKING:
    from collections.abc import Iterable

    from millwright.server.mlflow.call import Call


def all_routes(more: Iterable[Route] = ()) -> tuple[Route, ...]:
    """The endpoints of all families, and the description of them.

    Args:
        more: Those of rooms that this one does not know.
    """
    families = (
        artifact,
        artifact_owner,
        artifact_part,
        evaluation_dataset,
        assessment,
        experiment,
        history,
        logged_model,
        metric,
        model_alias,
        model_version,
        otlp,
        probe,
        registered_model,
        run,
        run_link,
        scorer,
        trace,
        trace_metric,
        trace_old,
        trace_search,
        trace_span,
        webhook,
    )
    return _described((*(route for family in families for route in family.ROUTES), *more))


def _described(routes: tuple[Route, ...]) -> tuple[Route, ...]:
    def document(_call: Call, _body: None) -> dict[str, Any]:
        """Describe the wire as OpenAPI 3.1."""
        return wire_document(described)

    path, rule = "/openapi-mlflow.json", Rule(Access.PUBLIC, server)
    described = (Route(method="GET", path=path, prefixes=("",), handler=document, rule=rule), *routes)
    return described
