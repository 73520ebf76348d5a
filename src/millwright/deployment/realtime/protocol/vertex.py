"""Vertex AI's contract for containers, on the paths that the platform chooses.

The requirements: a POST of `{"instances": INSTANCES, "parameters": PARAMETERS}` to `AIP_PREDICT_ROUTE`, answered by
`{"predictions": PREDICTIONS}` with one prediction per instance; health checks are a GET of `AIP_HEALTH_ROUTE`,
answered by 200 when the container is ready to predict.

Source: https://cloud.google.com/vertex-ai/docs/predictions/custom-container-requirements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.deployment.realtime.contract import Contract
from millwright.deployment.realtime.protocol.instances import (
    describe_instances,
    read_instances,
    write_predictions,
)
from millwright.deployment.realtime.protocol.open_inference import answer_ready
from millwright.deployment.realtime.route import Route

if TYPE_CHECKING:
    from millwright.deployment.realtime.route import RouteOptions


def routes(options: RouteOptions) -> tuple[Route, ...]:
    """The paths of this contract; none unless some are chosen."""
    predict = (
        Route(
            path=path,
            label="instances",
            about="Vertex AI: instances and parameters",
            handlers={"POST": Contract(read_instances, write_predictions)},
            describe=describe_instances,
        )
        for path in options.predict_paths
    )
    health = (
        Route(path=path, label="health", about="readiness probe", handlers={"GET": answer_ready})
        for path in options.health_paths
    )
    return (*predict, *health)
