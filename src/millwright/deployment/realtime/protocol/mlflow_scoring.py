"""`POST /invocations`, the path of MLflow's and SageMaker's contracts, and their probes.

`/endpoints/{model}/invocations` is the same for a model that is named: there `mlflow.deployments` looks for it.

JSON bodies are objects with exactly one of `dataframe_split` (`{"columns": […], "data": [[…]]}`), `dataframe_records`
(list of rows), `instances` (list of rows) or `inputs` (`{column: [values]}`, `{column: value}` or a list of rows), and
optionally `params`: `"params": {"outputs": ["prediction"]}` chooses output columns. Arrays are nested lists; tables
have no room for them. `NaN` stands for null: so MLflow's client writes what is missing in a data frame.

`text/csv` is a table: MLflow's has a header, SageMaker's has none. The first line decides (see `read_csv`).
`application/jsonlines` is one row per line.

The answer is what the header `Accept` prefers among JSON, `{"predictions": […]}`, `text/csv` without a header, and
`application/jsonlines`; JSON when it says nothing, or nothing of these. Predictions are plain values when the model has
one output column, else one object (in CSV: one line) per row with all of them.

Sources: https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/#inference-server-specification;
https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-inference.html ("the value … should be a string with commas
separating the values for each feature", "the order of the features matters") and
https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html (`/ping`, `/invocations`, 8080).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.core.errors import MalformedRequestError
from millwright.deployment.realtime.answer import JSON, TEXT, Answer
from millwright.deployment.realtime.contract import Ask, Contract
from millwright.deployment.realtime.json_body import decode_lenient_json
from millwright.deployment.realtime.prediction import check_count
from millwright.deployment.realtime.protocol import schema
from millwright.deployment.realtime.protocol.example import example_row
from millwright.deployment.realtime.protocol.instances import (
    chosen_outputs,
    name_of,
    params_of,
    plain_values,
    rows_of,
    write_predictions,
)
from millwright.deployment.realtime.protocol.table_body import (
    CSV,
    CSV_ANSWER,
    JSON_LINES,
    JSON_LINES_TYPES,
    read_csv,
    read_json_lines,
    write_csv,
    write_json_lines,
)
from millwright.deployment.realtime.protocol.tensor_column import refuse_table
from millwright.deployment.realtime.route import JSON_TYPES, Operation, Route, answers_text
from millwright.models.check import describe
from millwright.models.task import Task
from millwright.models.tensor.value import depth
from millwright.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from millwright.deployment.realtime.call import Call
    from millwright.deployment.realtime.prediction import Prediction
    from millwright.deployment.realtime.served_model import ServedModel

_TABLES = frozenset({CSV, *JSON_LINES_TYPES})
_OFFERED = {
    JSON: JSON,
    b"application/*": JSON,
    b"*/*": JSON,
    CSV: CSV,
    **dict.fromkeys(JSON_LINES_TYPES, JSON_LINES),
}


def read_invocations(call: Call) -> Ask:
    """An MLflow or SageMaker request; its shape is which output columns it wants."""
    kind = call.header(b"content-type")
    if kind and kind != JSON:
        kind = kind.split(b";", 1)[0].strip().lower()
        if kind in _TABLES:
            return _read_table(call, kind)
    body = decode_lenient_json(call.body)
    name = name_of(body, _NAMES, "params")
    rows = _READERS[name](body[name], call.served)
    check_count(len(rows), call.state.max_rows)
    params = params_of(body.get("params"), "params")
    return Ask(rows, keys=params.get("keys"), shape=chosen_outputs(params.get("outputs"), call.served.output_names))


def write_invocations(call: Call, ask: Ask, prediction: Prediction) -> Answer:
    """The answer to it, in the form that the caller prefers; with explanations it is JSON, where they have room."""
    accept = call.header(b"accept") if prediction.explanations is None else JSON
    if accept and accept not in (b"*/*", JSON):
        kind = preferred_type(accept)
        # A line of CSV has no room for an array.
        if kind == CSV and call.served.signature.task is not Task.TENSOR:
            body = write_csv(prediction.mappings(), ask.shape)
            return Answer(body, content_type=CSV_ANSWER, prediction=prediction)
        if kind == JSON_LINES:
            values = plain_values(prediction, ask.shape)
            return Answer(write_json_lines(values), content_type=JSON_LINES, prediction=prediction)
    return write_predictions(call, ask, prediction)


def preferred_type(accept: bytes) -> bytes:
    """Which of JSON, CSV and JSON lines a header `Accept` prefers: the one of highest quality, of equals the first.

    JSON where it names none of them: an answer in another form than the one asked for helps more than none.
    """
    best, best_quality = JSON, 0.0
    for part in accept.lower().split(b","):
        kind, *params = (piece.strip() for piece in part.split(b";"))
        quality = next((_quality(param[2:]) for param in params if param.startswith(b"q=")), 1.0)
        if kind in _OFFERED and quality > best_quality:
            best, best_quality = _OFFERED[kind], quality
    return best


def describe_invocations(served: ServedModel) -> Operation:
    """The bodies and answers of invocations."""
    rows, params, row = schema.rows(), schema.ref("Params"), example_row(served)
    columns = {
        "type": "object",
        "properties": {column.name: {"type": "array"} for column in served.asked},
        "additionalProperties": False,
    }
    body = {
        "schema": {
            "oneOf": [
                schema.exactly(dataframe_split=schema.split(), params_=params),
                schema.exactly(dataframe_records=rows, params_=params),
                schema.exactly(instances=rows, params_=params),
                schema.exactly(inputs={"anyOf": [schema.ref("Row"), columns, rows]}, params_=params),
            ]
        },
        "example": {"dataframe_split": {"columns": list(row), "data": [list(row.values())]}},
    }
    line = write_csv([row], served.input_names).decode()
    text: dict[str, Any] = {"type": "string"}
    lines = write_json_lines([row]).decode()
    return Operation(
        bodies={
            "application/json": body,
            CSV.decode(): {"schema": text, "example": line},
            JSON_LINES.decode(): {"schema": text, "example": lines},
        },
        answers={
            "application/json": {
                "schema": schema.exactly(predictions=schema.predictions(served), explanations_=schema.explanations())
            },
            CSV.decode(): {"schema": text},
            JSON_LINES.decode(): {"schema": text},
        },
    )


def answer_probe(call: Call) -> Answer:
    """Healthy as long as the process is ready for requests."""
    return Answer(b"\n", status=503 if call.state.draining else 200)


def describe_probe(served: ServedModel) -> Operation:
    """The answer of a probe: a line break and nothing else, of the type JSON, as MLflow has it."""
    del served
    return Operation(answers={"application/json": {}})


def answer_version(call: Call) -> Answer:
    """The server's version, as text."""
    del call
    return Answer(__version__.encode(), content_type=TEXT)


def split_rows(value: Any, name: str) -> list[Any]:
    """Rows from `{"columns": […], "data": [[…]]}`; an `index` beside them is of no use here.

    Args:
        value: As decoded.
        name: What it is called in the request.

    Raises:
        MalformedRequestError: It is of another shape.
    """
    if not isinstance(value, dict) or not isinstance(value.get("data"), list):
        raise MalformedRequestError(
            f'Expected \'{name}\' to be {{"columns": [names], "data": [[values]]}}, found '
            + ("no list 'data' in it." if isinstance(value, dict) else f"{describe(value)}.")
        )
    columns = value.get("columns")
    if not isinstance(columns, list) or not all(isinstance(column, str) for column in columns):
        raise MalformedRequestError(f"Expected '{name}' to hold 'columns', a list of names.")
    if len(set(columns)) != len(columns):
        raise MalformedRequestError("Expected each of 'columns' once, found one twice.")
    rows = []
    for number, values in enumerate(value["data"]):
        if not isinstance(values, list) or len(values) != len(columns):
            found = f"{len(values)}" if isinstance(values, list) else describe(values)
            raise MalformedRequestError(
                f"Expected {len(columns)} values in each row of 'data', found {found} in row {number}.",
                details={"row": number},
            )
        rows.append(dict(zip(columns, values, strict=True)))
    return rows


def routes() -> tuple[Route, ...]:
    """The paths of this contract."""
    return (
        Route(
            path="/invocations",
            label="invocations",
            about="MLflow and SageMaker: dataframe_split, dataframe_records, instances or inputs; CSV; JSON lines",
            handlers={"POST": Contract(read_invocations, write_invocations)},
            describe=describe_invocations,
            takes=JSON_TYPES | _TABLES,
        ),
        Route(
            path="/endpoints/{model}/invocations",
            label="endpoints.invocations",
            about="the same by an endpoint's name, for clients of MLflow's deployments",
            handlers={"POST": Contract(read_invocations, write_invocations)},
            describe=describe_invocations,
            takes=JSON_TYPES | _TABLES,
        ),
        Route(
            path="/ping",
            label="ping",
            about="MLflow and SageMaker probe",
            handlers={"GET": answer_probe},
            describe=describe_probe,
        ),
        Route(
            path="/health",
            label="health",
            about="MLflow probe",
            handlers={"GET": answer_probe},
            describe=describe_probe,
        ),
        Route(
            path="/version",
            label="version",
            about="this server's version",
            handlers={"GET": answer_version},
            describe=answers_text("text/plain"),
        ),
    )


def _read_table(call: Call, kind: bytes) -> Ask:
    served = call.served
    if kind == CSV:
        width = len(served.input_names)
        rows = read_csv(call.body, served.asked[:width], served.asked[width:])
    else:
        rows = read_json_lines(call.body, served.input_names, served.signature.tensors)
    check_count(len(rows), call.state.max_rows)
    return Ask(rows, shape=served.output_names)


def _quality(value: bytes) -> float:
    try:
        return float(value)
    except ValueError:
        return 0.0


def _split(value: Any, served: ServedModel) -> list[Any]:
    refuse_table(served.signature.tensors, "'dataframe_split'")
    return split_rows(value, "dataframe_split")


def _records(value: Any, served: ServedModel) -> list[Any]:
    return rows_of(value, served.input_names, "dataframe_records", served.signature.tensors)


def _instances(value: Any, served: ServedModel) -> list[Any]:
    return rows_of(value, served.input_names, "instances", served.signature.tensors)


def _inputs(value: Any, served: ServedModel) -> list[Any]:
    tensors = served.signature.tensors
    if not isinstance(value, dict):
        return rows_of(value, served.input_names, "inputs", tensors)
    given = [name for name in tensors if name in value]
    if given and all(depth(value[name]) == len(tensors[name].shape) for name in given):
        return [value]  # one row, with its arrays
    lists = [name for name, values in value.items() if isinstance(values, list)]
    if not lists:
        return [value]
    count = len(value[lists[0]])
    for name, values in value.items():
        if not isinstance(values, list) or len(values) != count:
            found = f"{len(values)}" if isinstance(values, list) else describe(values)
            raise MalformedRequestError(
                f"Expected {count} values in each column, as in '{lists[0]}', found {found} in '{name}'.",
                details={"column": name},
            )
    return [dict(zip(value, values, strict=True)) for values in zip(*value.values(), strict=True)]


_READERS: Mapping[str, Callable[[Any, ServedModel], list[Any]]] = {
    "dataframe_split": _split,
    "dataframe_records": _records,
    "instances": _instances,
    "inputs": _inputs,
}
_NAMES = tuple(_READERS)
