"""KServe's protocol, version 1.

The specification's table of paths:

    List Models   GET   /v1/models                        {"models": [<model_name>]}
    Model Ready   GET   /v1/models/<model_name>           {"name": <model_name>, "ready": bool}
    Predict       POST  /v1/models/<model_name>:predict   {"instances": []} or {"inputs": []} → {"predictions": []}

    Explain       POST  /v1/models/<model_name>:explain   {"instances": []} → {"predictions": [], "explanations": []}

Source: https://kserve.github.io/website/docs/concepts/architecture/data-plane/v1-protocol. Rows and predictions are
those of `instances`; explanations are those of `explain=true` elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.deployment.realtime.answer import Answer, json_answer
from millwright.deployment.realtime.contract import Contract
from millwright.deployment.realtime.explaining import Explained
from millwright.deployment.realtime.protocol.instances import (
    describe_instances,
    read_instances,
    write_predictions,
)
from millwright.deployment.realtime.route import Route

if TYPE_CHECKING:
    from millwright.deployment.realtime.call import Call


def answer_models(call: Call) -> Answer:
    """The names of what is served."""
    return json_answer({"models": [name for name, _ in call.state.named()]})


def answer_model(call: Call) -> Answer:
    """Whether a model answers."""
    ready = not call.state.draining
    return json_answer({"name": call.served.name, "ready": ready}, status=200 if ready else 503)


def routes() -> tuple[Route, ...]:
    """The paths of this contract."""
    return (
        Route(path="/v1/models", label="v1.models", about="KServe v1: what is served", handlers={"GET": answer_models}),
        Route(
            path="/v1/models/{model}:predict",
            label="v1.predict",
            about="KServe v1: instances, each an object or a list",
            handlers={"POST": Contract(read_instances, write_predictions)},
            describe=describe_instances,
        ),
        Route(
            path="/v1/models/{model}:explain",
            label="v1.explain",
            about="KServe v1: predictions with what each column contributed",
            handlers={"POST": Explained(Contract(read_instances, write_predictions))},
            describe=describe_instances,
        ),
        Route(
            path="/v1/models/{model}",
            label="v1.model",
            about="KServe v1: whether the model answers",
            handlers={"GET": answer_model},
        ),
    )
