"""The plain contract: rows in, rows out.

`POST /predict` takes `{"column": value, …}`, a list of such rows, or `{"rows": […], "keys": […]}` where the keys are
the caller's own ids of the rows. One bare row is answered with one object, a list with a list, `rows` with
`{"predictions": […]}`; each prediction holds the output columns and `prediction_id`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.deployment.realtime.answer import Answer, json_answer
from millwright.deployment.realtime.contract import Ask, Contract
from millwright.deployment.realtime.prediction import check_count
from millwright.deployment.realtime.protocol import schema
from millwright.deployment.realtime.protocol.example import example_row
from millwright.deployment.realtime.route import Operation, Route
from millwright.deployment.realtime.row_decoder import PlainShape
from millwright.deployment.realtime.row_table import LEAST_BYTES

if TYPE_CHECKING:
    from millwright.deployment.realtime.call import Call
    from millwright.deployment.realtime.prediction import Prediction
    from millwright.deployment.realtime.served_model import ServedModel


_NAMED = b'{"rows"'


def read_rows(call: Call) -> Ask:
    """Plain rows."""
    served = call.served
    if served.tables is not None and len(call.body) >= LEAST_BYTES:
        table = served.tables.from_json(call.body)
        if table is not None:
            check_count(table.height, call.state.max_rows)
            return Ask((), table=table, shape=PlainShape.LIST)
    # Rows under a name are looked at as they are: they may become a table yet.
    is_checked = served.enrichment is None and (served.tables is None or not call.body.startswith(_NAMED))
    rows, shape, keys = served.rows.plain(call.body) if is_checked else served.rows.unchecked(call.body)
    if shape is not PlainShape.ROW:
        check_count(len(rows), call.state.max_rows)
    return Ask(rows, is_checked=is_checked, keys=keys, shape=shape)


def write_rows(call: Call, ask: Ask, prediction: Prediction) -> Answer:
    """The outputs of each, with the prediction's id."""
    del call
    if ask.shape is PlainShape.ROW and prediction.explanations is None:
        return json_answer({**prediction.outputs[0], "prediction_id": prediction.ids[0]}, prediction=prediction)
    named = prediction.named()
    if prediction.explanations is not None:
        for row, explanation in zip(named, prediction.explanations, strict=True):
            row["explanation"] = explanation
    if ask.shape is PlainShape.ROW:
        return json_answer(named[0], prediction=prediction)
    return json_answer(named if ask.shape is PlainShape.LIST else {"predictions": named}, prediction=prediction)


def describe_rows(served: ServedModel) -> Operation:
    """Their bodies and answers."""
    row, named = schema.ref("Row"), schema.ref("NamedPrediction")
    table = schema.exactly(rows=schema.many(row), keys_={"type": "array", "items": {"type": ["string", "integer"]}})
    body = {"schema": {"oneOf": [row, schema.many(row), table]}, "example": example_row(served)}
    answer = {"oneOf": [named, schema.many(named), schema.exactly(predictions=schema.many(named))]}
    return Operation(bodies={"application/json": body}, answers={"application/json": {"schema": answer}})


def routes() -> tuple[Route, ...]:
    """The paths of this contract."""
    return (
        Route(
            path="/predict",
            label="predict",
            about='a row {column: value}, a list of rows, or {"rows": […], "keys": […]}',
            handlers={"POST": Contract(read_rows, write_rows, is_plain=True)},
            describe=describe_rows,
        ),
    )
