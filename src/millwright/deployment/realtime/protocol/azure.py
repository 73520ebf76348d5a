"""Azure Machine Learning's `POST /score`.

What is posted there is up to a deployment's own scoring script. Two bodies are read: that of the script that Azure
makes for MLflow models, `{"input_data": {"columns": […], "index": […], "data": [[…]]}}` or `{"input_data": rows}`, with
optional `params`; and that of the examples' scripts, `{"data": rows}`. Both are answered by the bare list of
predictions. `GET /` answers the liveness probe.

Sources: https://learn.microsoft.com/azure/machine-learning/how-to-deploy-mlflow-models (`input_data`), and
https://learn.microsoft.com/azure/machine-learning/how-to-inference-server-http (`/score`, `/`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.deployment.realtime.answer import Answer, json_answer
from millwright.deployment.realtime.contract import Ask, Contract
from millwright.deployment.realtime.json_body import decode_json
from millwright.deployment.realtime.prediction import check_count
from millwright.deployment.realtime.protocol import schema
from millwright.deployment.realtime.protocol.instances import (
    chosen_outputs,
    name_of,
    params_of,
    plain_values,
    rows_of,
    write_predictions,
)
from millwright.deployment.realtime.protocol.mlflow_scoring import split_rows
from millwright.deployment.realtime.protocol.tensor_column import refuse_table
from millwright.deployment.realtime.route import Operation, Route

if TYPE_CHECKING:
    from millwright.deployment.realtime.call import Call
    from millwright.deployment.realtime.prediction import Prediction
    from millwright.deployment.realtime.served_model import ServedModel

_NAMES = ("data", "input_data")


def read_score(call: Call) -> Ask:
    """What is to be scored; its shape is which output columns are wanted."""
    body = decode_json(call.body)
    name = name_of(body, _NAMES, "params")
    value, served = body[name], call.served
    if name == "input_data" and isinstance(value, dict):
        refuse_table(served.signature.tensors, f"a table in '{name}'")
        rows = split_rows(value, name)
    else:
        rows = rows_of(value, served.input_names, name, served.signature.tensors)
    check_count(len(rows), call.state.max_rows)
    params = params_of(body.get("params"), "params")
    return Ask(rows, keys=params.get("keys"), shape=chosen_outputs(params.get("outputs"), served.output_names))


def write_score(call: Call, ask: Ask, prediction: Prediction) -> Answer:
    """The list of predictions; `{"predictions", "explanations"}` where explanations are asked for."""
    if prediction.explanations is not None:  # a bare list has no room for them
        return write_predictions(call, ask, prediction)
    values = plain_values(prediction, ask.shape)
    return json_answer(values, prediction=prediction)


def describe_score(served: ServedModel) -> Operation:
    """Its bodies and answers."""
    row = schema.example_values(served)
    table = {"columns": list(served.input_names), "index": [0], "data": [row]}
    body = {
        "schema": {
            "oneOf": [
                schema.exactly(data=schema.rows(), params_=schema.ref("Params")),
                schema.exactly(input_data={"oneOf": [schema.rows(), schema.split()]}, params_=schema.ref("Params")),
            ]
        },
        "example": {"input_data": table},
    }
    both = schema.exactly(predictions=schema.predictions(served), explanations=schema.explanations())
    answers = {"application/json": {"schema": {"anyOf": [schema.predictions(served), both]}}}
    return Operation(bodies={"application/json": body}, answers=answers)


def routes() -> tuple[Route, ...]:
    """The paths of this contract."""
    return (
        Route(
            path="/score",
            label="score",
            about="Azure ML: input_data or data",
            handlers={"POST": Contract(read_score, write_score)},
            describe=describe_score,
        ),
    )
