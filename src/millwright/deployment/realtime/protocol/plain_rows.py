"""The plain contract: rows in, rows out.

`POST /predict` takes `{"column": value, …}`, a list of such rows, or `{"rows": […], "keys": […]}` where the keys are
the caller's own ids of the rows. One bare row is answered with one object, a list with a list, `rows` with
`{"predictions": […]}`; each prediction holds the output columns and `prediction_id`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.deployment.realtime.answer import Answer, json_answer
from millwright.deployment.realtime.prediction import check_count, predict
from millwright.deployment.realtime.route import Route
from millwright.deployment.realtime.row_decoder import PlainShape

if TYPE_CHECKING:
    from millwright.deployment.realtime.call import Call


def answer_rows(call: Call) -> Answer:
    """Predict plain rows."""
    rows, shape, keys = call.served.rows.plain(call.body)
    if shape is not PlainShape.ROW:
        check_count(len(rows), call.state.max_rows)
    prediction = predict(call, rows, keys=keys)
    named = [
        {**outputs, "prediction_id": identifier}
        for outputs, identifier in zip(prediction.outputs, prediction.ids, strict=True)
    ]
    if shape is PlainShape.ROW:
        return json_answer(named[0], prediction=prediction)
    return json_answer(named if shape is PlainShape.LIST else {"predictions": named}, prediction=prediction)


def routes() -> tuple[Route, ...]:
    """The paths of this contract."""
    return (
        Route(
            path="/predict",
            label="predict",
            about='a row {column: value}, a list of rows, or {"rows": […], "keys": […]}',
            handlers={"POST": answer_rows},
        ),
    )
