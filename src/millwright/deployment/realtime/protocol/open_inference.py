"""The Open Inference Protocol, version 2, over REST, with tensors in JSON or binary.

Each signature column is one tensor of shape [n] or [n, 1]; columns that are not required may be left out, and their
tensors may hold null. A single tensor of shape [n, k] stands for all k columns, in the signature's order. A column of
arrays is a tensor of shape [n, …], its data flat or nested. Answers hold one tensor of shape [n], or [n, …] of arrays,
per output column and a last one, `prediction_id`; in binary (see `binary_tensor`) where an
output's `binary_data`, or `binary_data_output` for all of them, asks for it.

Source: https://github.com/kserve/open-inference-protocol, `specification/protocol/inference_rest.md`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from millwright.core.errors import InvalidInputError, MalformedRequestError, closest
from millwright.deployment.realtime.answer import Answer, json_answer
from millwright.deployment.realtime.contract import Ask, Contract
from millwright.deployment.realtime.json_body import decode_as
from millwright.deployment.realtime.prediction import check_count
from millwright.deployment.realtime.protocol import schema
from millwright.deployment.realtime.protocol.binary_tensor import encode, split_body, split_tail, take_binary
from millwright.deployment.realtime.protocol.example import example_row
from millwright.deployment.realtime.protocol.tensor import (
    DATATYPES,
    PREDICTION_ID,
    datatype_of,
    input_columns,
)
from millwright.deployment.realtime.protocol.tensor_column import (
    answered_tensor,
    array_readers,
    output_tensor,
    tensor_metadata,
)
from millwright.deployment.realtime.protocol.tensor_table import tensor_table
from millwright.deployment.realtime.route import JSON_TYPES, Operation, Route
from millwright.deployment.realtime.row_table import LEAST_BYTES
from millwright.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.deployment.realtime.call import Call
    from millwright.deployment.realtime.prediction import Prediction
    from millwright.deployment.realtime.served_model import ServedModel
    from millwright.models.signature import SignatureColumn

OCTETS = b"application/octet-stream"

EXPLANATION = "explanation"  # a tensor with a JSON text per row, where explanations are asked for
_encode_text = msgspec.json.Encoder().encode
_EXTENSIONS = ("binary_tensor_data", "model_configuration", "statistics")


class InputTensor(msgspec.Struct, gc=False):
    """A tensor of a request."""

    name: str
    shape: list[Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]]
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


def read_infer(call: Call) -> Ask:
    """An inference request; its shape is its id, and which outputs it wants, each in binary or not."""
    body, tail = call.body, None
    length = call.header(b"inference-header-content-length")
    if length:
        body, tail = split_body(body, length)
    request = decode_as(body, _requests, "an Open Inference request")
    served = call.served
    raws = split_tail(request.inputs, tail)
    is_large = len(call.body) >= LEAST_BYTES
    table = tensor_table(request.inputs, raws, served) if is_large else None
    rows, count = _rows(served, request.inputs, raws) if table is None else ([], table.height)
    check_count(count, call.state.max_rows)
    parameters = request.parameters or {}
    known = (*served.output_names, PREDICTION_ID)
    wanted = wanted_outputs(request.outputs, known, is_binary=parameters.get("binary_data_output") is True)
    return Ask(rows, keys=parameters.get("keys"), shape=(request.id, wanted), table=table)


def _rows(
    served: ServedModel, tensors: list[InputTensor], raws: Mapping[int, bytes]
) -> tuple[list[dict[str, Any]], int]:
    arrays = served.signature.tensors
    if raws:
        take_binary(tensors, raws, arrays)
    columns, count = input_columns(tensors, served.input_names, array_readers(arrays))
    names = tuple(columns)
    return [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)], count


def write_infer(call: Call, ask: Ask, prediction: Prediction) -> Answer:
    """The answer to it."""
    asked_id, wanted = ask.shape
    kinds = {column.name: column for column in call.served.signature.outputs}
    tensors: list[dict[str, Any]] = []
    blobs: list[bytes] = []
    for name, is_binary in wanted.items():
        if name in kinds:
            tensor = output_tensor(kinds[name], prediction.column(name))
        else:
            tensor = {"name": name, "datatype": "BYTES", "shape": [len(prediction.ids)], "data": prediction.ids}
        blob = encode(tensor["datatype"], tensor["data"]) if is_binary else None
        if blob is not None:
            del tensor["data"]
            tensor["parameters"] = {"binary_data_size": len(blob)}
            blobs.append(blob)
        tensors.append(tensor)
    body: dict[str, Any] = {"model_name": call.served.name, "model_version": str(call.served.version)}
    if asked_id is not None:
        body["id"] = asked_id
    body["parameters"] = {PREDICTION_ID: prediction.ids[0]}
    texts = explanation_texts(prediction)
    if texts is not None:
        tensors.append({"name": EXPLANATION, "datatype": "BYTES", "shape": [len(texts)], "data": texts})
    body["outputs"] = tensors
    answer = json_answer(body, prediction=prediction)
    if blobs:
        answer.headers = ((b"inference-header-content-length", b"%d" % len(answer.body)),)
        answer.content_type = OCTETS
        answer.body = b"".join((answer.body, *blobs))
    return answer


def explanation_texts(prediction: Prediction) -> list[str] | None:
    """What the tensor of explanations holds, one JSON text per row; None when they were not asked for."""
    if prediction.explanations is None:
        return None
    return [_encode_text(each).decode() for each in prediction.explanations]


def describe_infer(served: ServedModel) -> Operation:
    """The bodies and answers of inference."""
    row = example_row(served)
    known = [*served.output_names, PREDICTION_ID]
    data: dict[str, Any] = {"type": "array", "items": {"type": ["number", "string", "boolean", "null", "array"]}}
    tensor = {
        "type": "object",
        "required": ["name", "shape", "datatype"],
        "properties": {
            "name": {"type": "string", "examples": list(served.input_names)},
            "shape": {"type": "array", "items": {"type": "integer", "format": "int64"}, "minItems": 1},
            "datatype": {"type": "string", "enum": list(DATATYPES)},
            "data": data,
            "parameters": {"type": "object"},
        },
    }
    wanted = {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string", "enum": known}, "parameters": {"type": "object"}},
    }
    request = {
        "type": "object",
        "required": ["inputs"],
        "properties": {
            "id": {"type": "string"},
            "inputs": schema.many(tensor),
            "outputs": {"type": "array", "items": wanted},
            "parameters": {"type": "object"},
        },
    }
    response = {
        "type": "object",
        "required": ["model_name", "model_version", "outputs"],
        "properties": {
            "model_name": {"type": "string"},
            "model_version": {"type": "string"},
            "id": {"type": "string"},
            "parameters": {"type": "object"},
            "outputs": {"type": "array", "items": tensor},
        },
    }
    example = [_example_tensor(column, row.get(column.name)) for column in served.signature.inputs]
    octets = {OCTETS.decode(): {"schema": {"type": "string", "format": "binary"}}}
    return Operation(
        bodies={"application/json": {"schema": request, "example": {"inputs": example}}, **octets},
        answers={"application/json": {"schema": response}, **octets},
    )


def _example_tensor(column: SignatureColumn, value: Any) -> dict[str, Any]:
    shape, data = answered_tensor(column, [value]) if column.shape else ([1], [value])
    return {"name": column.name, "shape": shape, "datatype": datatype_of(column), "data": data}


def answer_server(call: Call) -> Answer:
    """The server's metadata."""
    del call
    return json_answer({"name": "millwright", "version": __version__, "extensions": list(_EXTENSIONS)})


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
            "inputs": [tensor_metadata(column) for column in served.signature.inputs],
            "outputs": [
                *(tensor_metadata(column) for column in served.signature.outputs),
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
                about="Open Inference: tensors in JSON or binary, one per column or one for all",
                handlers={"POST": Contract(read_infer, write_infer)},
                describe=describe_infer,
                takes=JSON_TYPES | {OCTETS},
            ),
        ]
    return tuple(found)


def wanted_outputs(
    outputs: list[RequestedOutput] | None, known: tuple[str, ...], *, is_binary: bool
) -> Mapping[str, bool]:
    """The outputs to answer, each with whether in binary.

    Args:
        outputs: What the caller wants; all when None or empty.
        known: What there is.
        is_binary: Whether outputs that say nothing of it are answered in binary.

    Raises:
        InvalidInputError: There is no such output.
        MalformedRequestError: The classification extension is asked for.
    """
    if not outputs:
        return dict.fromkeys(known, is_binary)
    wanted = {}
    for output in outputs:
        if output.name not in known:
            raise InvalidInputError(
                f"Expected outputs of the model, found '{output.name[:100]}'.", hint=closest(output.name, known)
            )
        parameters = output.parameters or {}
        if parameters.get("classification"):
            raise MalformedRequestError(
                "Expected outputs as they are, found a request for the classification extension.",
                hint="The outputs 'probability…' hold the classes' probabilities.",
            )
        wanted[output.name] = bool(parameters.get("binary_data", is_binary))
    return wanted
