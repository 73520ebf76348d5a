"""MLflow's scoring contract: `POST /invocations` and its probes.

Bodies are JSON objects with exactly one of `dataframe_split` (`{"columns": […], "data": [[…]]}`), `dataframe_records`
(list of rows), `instances` (list of rows) or `inputs` (`{column: [values]}`, `{column: value}` or a list of rows), and
optionally `params`.

The answer is `{"predictions": […]}`: plain values when the model has one output column, else one object per row with
all of them. `"params": {"outputs": ["prediction"]}` chooses columns; when it leaves one, plain values come back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.core.errors import InvalidInputError, MalformedRequestError, closest
from millwright.deployment.realtime.answer import TEXT, Answer, json_answer
from millwright.deployment.realtime.json_body import decode_json
from millwright.deployment.realtime.prediction import check_count, predict
from millwright.deployment.realtime.route import Route
from millwright.models.check import describe
from millwright.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from millwright.deployment.realtime.call import Call


def answer_invocations(call: Call) -> Answer:
    """Predict an MLflow request."""
    body = decode_json(call.body)
    if not isinstance(body, dict):
        raise MalformedRequestError(
            f"Expected an object with one of {_names()}, found {describe(body)}.", hint="GET / shows an example."
        )
    params = _params(body.get("params"))
    shape = _shape(body)
    rows = _READERS[shape](body[shape])
    check_count(len(rows), call.state.max_rows)
    chosen = _chosen(params.get("outputs"), call.served.output_names)
    prediction = predict(call, call.served.rows.check(rows), keys=params.get("keys"))
    outputs = prediction.outputs
    if len(chosen) == 1:
        values: list[Any] = [row[chosen[0]] for row in outputs]
    elif chosen == call.served.output_names:
        values = outputs
    else:
        values = [{name: row[name] for name in chosen} for row in outputs]
    return json_answer({"predictions": values}, prediction=prediction)


def answer_probe(call: Call) -> Answer:
    """Healthy as long as the process is ready for requests."""
    return Answer(b"\n", status=503 if call.state.draining else 200)


def answer_version(call: Call) -> Answer:
    """The server's version, as text."""
    del call
    return Answer(__version__.encode(), content_type=TEXT)


def routes() -> tuple[Route, ...]:
    """The paths of this contract."""
    return (
        Route(
            path="/invocations",
            label="invocations",
            about="MLflow: dataframe_split, dataframe_records, instances or inputs",
            handlers={"POST": answer_invocations},
        ),
        Route(path="/ping", label="ping", about="MLflow and SageMaker probe", handlers={"GET": answer_probe}),
        Route(path="/health", label="health", about="MLflow probe", handlers={"GET": answer_probe}),
        Route(path="/version", label="version", about="this server's version", handlers={"GET": answer_version}),
    )


def _names() -> str:
    return ", ".join(f"'{name}'" for name in _READERS)


def _shape(body: Mapping[str, Any]) -> str:
    given = [name for name in _READERS if name in body]
    if len(given) == 1:
        unknown = sorted(body.keys() - {given[0], "params"})
        if not unknown:
            return given[0]
        raise MalformedRequestError(
            f"Expected only '{given[0]}' and 'params', found also '{unknown[0]}'.",
            hint=closest(unknown[0], ["params"]),
        )
    found = ", ".join(f"'{name}'" for name in given) if given else ", ".join(f"'{name}'" for name in list(body)[:5])
    near = closest(str(next(iter(body))), _READERS) if body and not given else ""
    raise MalformedRequestError(
        f"Expected exactly one of {_names()}, found {found or 'none'}.",
        hint=near or 'Plain rows go to POST /predict, or as {"inputs": [rows]} here.',
    )


def _params(params: Any) -> Mapping[str, Any]:
    if params is None:
        return {}
    if not isinstance(params, dict):
        raise MalformedRequestError(f"Expected 'params' to be an object, found {describe(params)}.")
    unknown = sorted(params.keys() - {"outputs", "keys"})
    if unknown:
        raise InvalidInputError(
            f"Expected the params 'outputs' and 'keys', found '{unknown[0]}'.",
            hint=closest(unknown[0], ["outputs", "keys"]),
        )
    return params


def _chosen(outputs: Any, known: tuple[str, ...]) -> tuple[str, ...]:
    if outputs is None:
        return known
    if not isinstance(outputs, list) or not outputs:
        raise MalformedRequestError("Expected the param 'outputs' to be a list of output columns.")
    for name in outputs:
        if name not in known:
            raise InvalidInputError(
                f"Expected output columns of the model, found {describe(name)}.", hint=closest(str(name), known)
            )
    return tuple(outputs)


def _split(value: Any) -> list[Any]:
    if not isinstance(value, dict) or not isinstance(value.get("data"), list):
        raise MalformedRequestError(
            'Expected \'dataframe_split\' to be {"columns": [names], "data": [[values]]}, found '
            + ("no list 'data' in it." if isinstance(value, dict) else f"{describe(value)}.")
        )
    columns = value.get("columns")
    if not isinstance(columns, list) or not all(isinstance(name, str) for name in columns):
        raise MalformedRequestError("Expected 'dataframe_split' to hold 'columns', a list of names.")
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


def _rows(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise MalformedRequestError(f"Expected a list of rows {{column: value}}, found {describe(value)}.")
    return value


def _inputs(value: Any) -> list[Any]:
    if not isinstance(value, dict):
        return _rows(value)
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


_READERS: Mapping[str, Callable[[Any], list[Any]]] = {
    "dataframe_split": _split,
    "dataframe_records": _rows,
    "instances": _rows,
    "inputs": _inputs,
}
