"""The Open Inference Protocol, version 2, over REST with JSON tensors.

Each signature column is one tensor of shape [n] or [n, 1]; columns that are not required may be left out, and their
tensors may hold null. Answers hold one tensor of shape [n] per output column and a last one, `prediction_id`.

Source: https://github.com/kserve/open-inference-protocol, `specification/protocol/inference_rest.md`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from millwright.core.errors import InvalidInputError, MalformedRequestError, UnsupportedMediaTypeError, closest
from millwright.deployment.realtime.answer import Answer, json_answer
from millwright.deployment.realtime.json_body import decode_as
from millwright.deployment.realtime.prediction import check_count, predict
from millwright.deployment.realtime.protocol.tensor import datatype_of, input_columns, output_tensor
from millwright.deployment.realtime.route import Route
from millwright.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.deployment.realtime.call import Call
    from millwright.models.signature import SignatureColumn

PREDICTION_ID = "prediction_id"


class InputTensor(msgspec.Struct, gc=False):
    """A tensor of a request."""

    name: str
    shape: list[int]
    datatype: str
    data: list[Any] | None = None
    parameters: dict[str, Any] | None = None


class RequestedOutput(msgspec.Struct, gc=False):
    """An output that the caller wants."""

    name: str
    parameters: dict[str, Any] | None = None


class InferRequest(msgspec.Struct):
    """The body of an inference request."""

    inputs: list[InputTensor]
    id: str | None = None
    parameters: dict[str, Any] | None = None
    outputs: list[RequestedOutput] | None = None


_requests = msgspec.json.Decoder(InferRequest)


def answer_infer(call: Call) -> Answer:
    """Predict an inference request."""
    if call.header(b"inference-header-content-length"):
        raise UnsupportedMediaTypeError(
            "Expected tensors as JSON, found the binary tensor extension.",
            hint="Send the data in JSON (tritonclient: binary_data=False).",
        )
    request = decode_as(call.body, _requests, "an Open Inference request")
    columns, count = input_columns(request.inputs)
    check_count(count, call.state.max_rows)
    wanted = _wanted(request.outputs, (*call.served.output_names, PREDICTION_ID))
    names = tuple(columns)
    rows = call.served.rows.check(
        [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    )
    prediction = predict(call, rows, keys=(request.parameters or {}).get("keys"))
    kinds = {column.name: column for column in call.served.signature.outputs}
    tensors = [
        output_tensor(kinds[name], [row[name] for row in prediction.outputs])
        if name in kinds
        else {"name": name, "datatype": "BYTES", "shape": [count], "data": prediction.ids}
        for name in wanted
    ]
    body: dict[str, Any] = {"model_name": call.served.name, "model_version": str(call.served.version)}
    if request.id is not None:
        body["id"] = request.id
    body["parameters"] = {PREDICTION_ID: prediction.ids[0]}
    body["outputs"] = tensors
    return json_answer(body, prediction=prediction)


def answer_server(call: Call) -> Answer:
    """The server's metadata."""
    del call
    return json_answer({"name": "millwright", "version": __version__, "extensions": []})


def answer_live(call: Call) -> Answer:
    """Whether the process runs."""
    del call
    return json_answer({"live": True})


def answer_ready(call: Call) -> Answer:
    """Whether the process takes requests."""
    ready = not call.state.draining
    return json_answer({"ready": ready}, status=200 if ready else 503)


def answer_model_ready(call: Call) -> Answer:
    """Whether a model answers."""
    ready = not call.state.draining
    return json_answer({"name": call.served.name, "ready": ready}, status=200 if ready else 503)


def answer_model(call: Call) -> Answer:
    """A model's metadata: its tensors."""
    served = call.served
    return json_answer(
        {
            "name": served.name,
            "versions": [str(served.version)],
            "platform": f"millwright_{served.predictor.engine}",
            "inputs": [_tensor_metadata(column) for column in served.signature.inputs],
            "outputs": [
                *(_tensor_metadata(column) for column in served.signature.outputs),
                {"name": PREDICTION_ID, "datatype": "BYTES", "shape": [-1]},
            ],
        }
    )


def routes() -> tuple[Route, ...]:
    """The paths of this contract."""
    found = [
        Route(path="/v2", label="v2.server", about="Open Inference: server metadata", handlers={"GET": answer_server}),
        Route(path="/v2/health/live", label="v2.live", about="liveness probe", handlers={"GET": answer_live}),
        Route(path="/v2/health/ready", label="v2.ready", about="readiness probe", handlers={"GET": answer_ready}),
    ]
    for model in ("/v2/models/{model}", "/v2/models/{model}/versions/{version}"):
        found += [
            Route(path=model, label="v2.model", about="the model's tensors", handlers={"GET": answer_model}),
            Route(
                path=f"{model}/ready",
                label="v2.model_ready",
                about="whether the model answers",
                handlers={"GET": answer_model_ready},
            ),
            Route(
                path=f"{model}/infer",
                label="v2.infer",
                about="Open Inference: JSON tensors, one per column",
                handlers={"POST": answer_infer},
            ),
        ]
    return tuple(found)


def _tensor_metadata(column: SignatureColumn) -> dict[str, Any]:
    return {
        "name": column.name,
        "datatype": datatype_of(column),
        "shape": [-1],
        "parameters": {"column_type": str(column.type), "required": column.required},
    }


def _wanted(outputs: list[RequestedOutput] | None, known: tuple[str, ...]) -> Mapping[str, None]:
    if not outputs:
        return dict.fromkeys(known)
    for output in outputs:
        if output.name not in known:
            raise InvalidInputError(
                f"Expected outputs of the model, found '{output.name[:100]}'.", hint=closest(output.name, known)
            )
        if (output.parameters or {}).get("binary_data"):
            raise MalformedRequestError(
                "Expected outputs as JSON, found a request for the binary tensor extension.",
                hint="tritonclient: InferRequestedOutput(name, binary_data=False).",
            )
    return dict.fromkeys(output.name for output in outputs)
