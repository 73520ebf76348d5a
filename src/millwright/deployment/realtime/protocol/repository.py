"""Triton's extensions of the Open Inference Protocol that its clients ask about a server's models.

Sources, of https://github.com/triton-inference-server/server/blob/main/docs/protocol: `extension_model_repository.md`
(the index only: `POST v2/repository/index` → `[{"name", "version", "state", "reason"}]`; models are loaded and unloaded
by moving the alias), `extension_model_configuration.md` (`GET v2/models/<name>[/versions/<v>]/config`) and
`extension_statistics.md` (`GET v2/models[/<name>[/versions/<v>]]/stats`; of the counters only the rows inferred).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.core.errors import MalformedRequestError
from millwright.deployment.realtime.answer import Answer, json_answer
from millwright.deployment.realtime.json_body import decode_json
from millwright.deployment.realtime.protocol.tensor import PREDICTION_ID, datatype_of
from millwright.deployment.realtime.route import Operation, Route
from millwright.models.check import describe

if TYPE_CHECKING:
    from millwright.deployment.realtime.call import Call
    from millwright.deployment.realtime.served_model import ServedModel
    from millwright.models.signature import SignatureColumn


def answer_index(call: Call) -> Answer:
    """What is served, and in which state."""
    only_ready = False
    if call.body.strip():
        body = decode_json(call.body)
        if not isinstance(body, dict) or not isinstance(body.get("ready", False), bool):
            raise MalformedRequestError(f'Expected {{"ready": true or false}}, or no body, found {describe(body)}.')
        only_ready = body.get("ready", False)
    leaving = call.state.draining
    if leaving and only_ready:
        return json_answer([])
    state, reason = ("UNLOADING", "the server ends") if leaving else ("READY", "")
    return json_answer(
        [
            {"name": name, "version": str(slot.current.version), "state": state, "reason": reason}
            for name, slot in call.state.named()
        ]
    )


def describe_index(served: ServedModel) -> Operation:
    """The body and answer of the index."""
    del served
    names = ("name", "version", "state", "reason")
    model = {"type": "object", "required": list(names), "properties": {key: {"type": "string"} for key in names}}
    return Operation(
        bodies={"application/json": {"schema": {"type": "object", "properties": {"ready": {"type": "boolean"}}}}},
        answers={"application/json": {"schema": {"type": "array", "items": model}}},
        needs_body=False,
    )


def answer_config(call: Call) -> Answer:
    """A model's configuration, in Triton's words."""
    served = call.served
    return json_answer(
        {
            "name": served.name,
            "platform": f"millwright_{served.predictor.engine}",
            "backend": served.predictor.engine,
            "version_policy": {"specific": {"versions": [served.version]}},
            "max_batch_size": 0,  # no dimension of a tensor is left out of its shape
            "input": [{**_tensor(column), "optional": not column.required} for column in served.signature.inputs],
            "output": [
                *(_tensor(column) for column in served.signature.outputs),
                {"name": PREDICTION_ID, "data_type": "TYPE_STRING", "dims": [-1]},
            ],
        }
    )


def answer_stats(call: Call) -> Answer:
    """How many rows a model has predicted in this process."""
    return json_answer({"model_stats": [_stats(call, call.served)]})


def answer_all_stats(call: Call) -> Answer:
    """The same of all models."""
    return json_answer({"model_stats": [_stats(call, slot.current) for slot in call.state.slots]})


def routes() -> tuple[Route, ...]:
    """The paths of these extensions."""
    found = [
        Route(
            path="/v2/repository/index",
            label="v2.index",
            about="Triton: what is served, and its state",
            handlers={"POST": answer_index},
            describe=describe_index,
        ),
        Route(
            path="/v2/models/stats",
            label="v2.stats",
            about="Triton: rows predicted",
            handlers={"GET": answer_all_stats},
        ),
    ]
    for model in ("/v2/models/{model}", "/v2/models/{model}/versions/{version}"):
        found += [
            Route(
                path=f"{model}/config",
                label="v2.config",
                about="Triton: the model's configuration",
                handlers={"GET": answer_config},
            ),
            Route(
                path=f"{model}/stats", label="v2.stats", about="Triton: rows predicted", handlers={"GET": answer_stats}
            ),
        ]
    return tuple(found)


def _tensor(column: SignatureColumn) -> dict[str, Any]:
    datatype = datatype_of(column)
    kind = "STRING" if datatype == "BYTES" else datatype
    return {"name": column.name, "data_type": f"TYPE_{kind}", "dims": [-1, *column.shape]}


def _stats(call: Call, served: ServedModel) -> dict[str, Any]:
    rows = call.state.stats.predictions.get((served.name, served.version), 0)
    return {"name": served.name, "version": str(served.version), "inference_count": rows}
