"""Inference over gRPC: a message's tensors to rows, and predictions to a message's tensors.

The rules are those of the REST form (see `protocol.open_inference`): one tensor of shape [n] or [n, 1] per column, or
one of shape [n, k] for all; [n, …] of a column of arrays. Values come in `contents`, in the field that the datatype
names, or for all tensors in `raw_input_contents`, and are answered in the same form. There is no null: NaN stands for
it in tensors of floats, and a column that is not required may be left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from millwright.core.errors import MalformedRequestError
from millwright.deployment.realtime.answer import Answer
from millwright.deployment.realtime.contract import Ask
from millwright.deployment.realtime.json_body import decode_json
from millwright.deployment.realtime.prediction import check_count
from millwright.deployment.realtime.protocol.binary_tensor import (
    FLOATS,
    decode,
    decode_array,
    encode,
    no_text,
    with_nulls,
)
from millwright.deployment.realtime.protocol.open_inference import (
    EXPLANATION,
    RequestedOutput,
    explanation_texts,
    wanted_outputs,
)
from millwright.deployment.realtime.protocol.tensor import PREDICTION_ID, input_columns, refused
from millwright.deployment.realtime.protocol.tensor_column import array_readers, output_tensor
from millwright.deployment.realtime.rpc.message import ModelInferResponse

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from millwright.deployment.realtime.call import Call
    from millwright.deployment.realtime.prediction import Prediction

PROTOBUF = b"application/grpc+proto"

# FP16 has no field: its values come in raw form only.
_CONTENTS: Mapping[str, str] = {
    "BOOL": "bool_contents", "INT8": "int_contents", "INT16": "int_contents", "INT32": "int_contents",
    "INT64": "int64_contents", "UINT8": "uint_contents", "UINT16": "uint_contents", "UINT32": "uint_contents",
    "UINT64": "uint64_contents", "FP32": "fp32_contents", "FP64": "fp64_contents", "BYTES": "bytes_contents",
}  # fmt: skip
_NAN = float("nan")


class InputTensor:
    """A tensor of a request; see `protocol.tensor.Tensor`. A plain slotted class, since one is made per column."""

    __slots__ = ("data", "datatype", "name", "shape")

    def __init__(self, given: Any) -> None:
        self.name: str = given.name
        self.shape: list[int] = list(given.shape)
        self.datatype: str = given.datatype
        self.data: Any = None


def read_infer(message: Any, call: Call) -> Ask:
    """The rows of an inference request; their shape is the request's id, the outputs that it wants, and the form.

    Args:
        message: A `ModelInferRequest`.
        call: Who asks.

    Raises:
        MalformedRequestError: The tensors cannot be read.
        InvalidInputError: There is no row, or no such output.
        PayloadTooLargeError: There are too many rows.
    """
    arrays = call.served.signature.tensors
    tensors, is_raw = _tensors(message, arrays)
    columns, count = input_columns(tensors, call.served.input_names, array_readers(arrays))
    check_count(count, call.state.max_rows)
    asked = [RequestedOutput(output.name, parameters_of(output.parameters)) for output in message.outputs]
    wanted = wanted_outputs(asked, (*call.served.output_names, PREDICTION_ID), is_binary=is_raw)
    names = tuple(columns)
    rows = [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    keys = _keys(message.parameters["keys"]) if "keys" in message.parameters else None
    return Ask(rows, keys=keys, shape=(message.id, tuple(wanted), is_raw))


def write_infer(call: Call, ask: Ask, prediction: Prediction) -> Answer:
    """The answer to it, a serialised `ModelInferResponse`.

    Raises:
        MalformedRequestError: An output is null that no tensor can say so of.
    """
    asked_id, wanted, is_raw = ask.shape
    kinds = {column.name: column for column in call.served.signature.outputs}
    response = ModelInferResponse(
        model_name=call.served.name, model_version=str(call.served.version), id=asked_id, outputs=()
    )
    response.parameters[PREDICTION_ID].string_param = prediction.ids[0]
    tensors = [
        output_tensor(kinds[name], prediction.column(name)) if name in kinds else _texts_tensor(name, prediction.ids)
        for name in wanted
    ]
    explained = explanation_texts(prediction)
    if explained is not None:
        tensors.append(_texts_tensor(EXPLANATION, explained))
    for found in tensors:
        name, datatype, values = found["name"], found["datatype"], found["data"]
        tensor = response.outputs.add(name=name, datatype=datatype, shape=found["shape"])
        if is_raw:
            response.raw_output_contents.append(_raw(name, datatype, values))
        else:
            getattr(tensor.contents, _CONTENTS[datatype]).extend(_typed(name, datatype, values))
    return Answer(response.SerializeToString(), content_type=PROTOBUF, prediction=prediction)


def query_of(message: Any) -> bytes:
    """What REST has behind a path's question mark, from a request's parameters: whether explanations are asked for."""
    if "explain" not in message.parameters:
        return b""
    return urlencode({"explain": parameters_of(message.parameters)["explain"]}).encode()


def parameters_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as plain values; one without a value is None."""
    found = {}
    for name, parameter in given.items():
        choice = parameter.WhichOneof("parameter_choice")
        found[name] = None if choice is None else getattr(parameter, choice)
    return found


def _texts_tensor(name: str, values: list[str]) -> dict[str, Any]:
    return {"name": name, "datatype": "BYTES", "shape": [len(values)], "data": values}


def _tensors(message: Any, arrays: Container[str]) -> tuple[list[InputTensor], bool]:
    """The tensors with their values, and whether they came in raw form; those named `arrays` stay such."""
    raw = message.raw_input_contents
    if not raw:
        return [_filled(given, arrays) for given in message.inputs], False
    if len(raw) != len(message.inputs):
        raise MalformedRequestError(
            f"Expected 'raw_input_contents' to hold {len(message.inputs)} elements, one per tensor, found {len(raw)}.",
            hint="All tensors of a request come in raw form, or none.",
            details={"expected": len(message.inputs), "found": len(raw)},
        )
    tensors = []
    for given, data in zip(message.inputs, raw, strict=True):
        tensor = InputTensor(given)
        if given.HasField("contents"):
            raise refused(tensor, "to hold either 'contents' or 'raw_input_contents'", "both")
        tensor.data = decode_array(tensor, data) if tensor.name in arrays else decode(tensor, data)
        tensors.append(tensor)
    return tensors, True


def _filled(given: Any, arrays: Container[str]) -> InputTensor:
    tensor, contents = InputTensor(given), given.contents
    expected = _CONTENTS.get(tensor.datatype)
    others = [field.name for field, _ in contents.ListFields() if field.name != expected]
    if tensor.datatype == "FP16":
        raise refused(tensor, "of datatype FP16 to come in 'raw_input_contents'", "it without")
    if expected is not None and others:
        raise refused(tensor, f"of datatype {tensor.datatype} to hold its values in '{expected}'", f"'{others[0]}'")
    values: list[Any] = [] if expected is None else list(getattr(contents, expected))
    if tensor.datatype in FLOATS and tensor.name not in arrays:
        values = with_nulls(tensor, values)
    elif tensor.datatype == "BYTES":
        values = _texts(tensor, values)
    tensor.data = values
    return tensor


def _texts(tensor: InputTensor, values: Sequence[bytes]) -> list[str]:
    found: list[str] = []
    try:
        found.extend(value.decode() for value in values)
    except UnicodeDecodeError:
        raise no_text(tensor, len(found)) from None
    return found


def _keys(parameter: Any) -> Any:
    """Row keys: a JSON list of them, since a parameter holds no list; or the key of a single row."""
    choice = parameter.WhichOneof("parameter_choice")
    value = None if choice is None else getattr(parameter, choice)
    if isinstance(value, str) and value.lstrip().startswith("["):
        return decode_json(value.encode())
    return [value]


def _raw(name: str, datatype: str, values: Sequence[Any]) -> bytes:
    data = encode(datatype, values)
    if data is None:
        raise _null_output(name, datatype)
    return data


def _typed(name: str, datatype: str, values: Sequence[Any]) -> Sequence[Any]:
    if None in values:
        if datatype not in FLOATS:
            raise _null_output(name, datatype)
        return [_NAN if value is None else value for value in values]
    return [value.encode() for value in values] if datatype == "BYTES" else values


def _null_output(name: str, datatype: str) -> MalformedRequestError:
    return MalformedRequestError(
        f"Expected a model without nulls in the output '{name}', found some: a tensor of {datatype} has none in gRPC.",
        hint="Ask over HTTP, or for other outputs.",
        details={"output": name},
    )
