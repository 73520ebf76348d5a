"""`instances` in, `predictions` out: what the contracts of KServe, Vertex AI, Azure ML and MLflow have in common.

A row is an object `{column: value}`, a list of values in the signature's order of columns, or one of SageMaker's
wrappings of such a list. A prediction is a plain value when one output column is answered, else an object of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.core.errors import InvalidInputError, MalformedRequestError, closest
from millwright.deployment.realtime.answer import Answer, json_answer
from millwright.deployment.realtime.contract import Ask
from millwright.deployment.realtime.json_body import decode_json
from millwright.deployment.realtime.prediction import check_count
from millwright.deployment.realtime.protocol import schema
from millwright.deployment.realtime.protocol.tensor_column import lone_row
from millwright.deployment.realtime.route import Operation
from millwright.models.check import describe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.deployment.realtime.call import Call
    from millwright.deployment.realtime.prediction import Prediction
    from millwright.deployment.realtime.served_model import ServedModel
    from millwright.models.signature import SignatureColumn

_SHOWN_COLUMNS = 20
NO_TENSORS: Mapping[str, SignatureColumn] = {}


def read_instances(call: Call) -> Ask:
    """`{"instances": rows}` with optional `parameters`; its shape is which output columns it wants."""
    return ask_of(call, ("instances", "inputs"), "parameters")


def write_predictions(call: Call, ask: Ask, prediction: Prediction) -> Answer:
    """`{"predictions": values}`; beside them `explanations` where these are asked for."""
    del call
    values = plain_values(prediction, ask.shape)
    if prediction.explanations is not None:
        return json_answer({"predictions": values, "explanations": prediction.explanations}, prediction=prediction)
    return json_answer({"predictions": values}, prediction=prediction)


def describe_instances(served: ServedModel) -> Operation:
    """Its bodies and answers."""
    answer = schema.exactly(predictions=schema.predictions(served), explanations_=schema.explanations())
    body = {
        "schema": {
            "oneOf": [
                schema.exactly(instances=schema.rows(), parameters_=schema.ref("Params")),
                schema.exactly(inputs=schema.rows(), parameters_=schema.ref("Params")),
            ]
        },
        "example": {"instances": [schema.example_values(served)]},
    }
    return Operation(bodies={"application/json": body}, answers={"application/json": {"schema": answer}})


def ask_of(call: Call, names: Sequence[str], params: str) -> Ask:
    """What an object with the rows under one of some names asks for.

    Args:
        call: The request.
        names: Where the rows may stand.
        params: Where the parameters may stand.

    Raises:
        MalformedRequestError: It is no such object.
        InvalidInputError: No rows, or a parameter that is not known.
        PayloadTooLargeError: Too many rows.
    """
    body = decode_json(call.body)
    name = name_of(body, names, params)
    rows = rows_of(body[name], call.served.input_names, name, call.served.signature.tensors)
    check_count(len(rows), call.state.max_rows)
    given = params_of(body.get(params), params)
    return Ask(rows, keys=given.get("keys"), shape=chosen_outputs(given.get("outputs"), call.served.output_names))


def name_of(body: Any, names: Sequence[str], params: str) -> str:
    """Which of some names a body holds.

    Raises:
        MalformedRequestError: The body is no object, holds none or several of the names, or others beside `params`.
    """
    if not isinstance(body, dict):
        raise MalformedRequestError(
            f"Expected an object with one of {_quoted(names)}, found {describe(body)}.",
            hint="GET / shows an example.",
        )
    given = [name for name in names if name in body]
    if len(given) == 1:
        if len(body) == 1 or (len(body) == 2 and params in body):
            return given[0]
        unknown = sorted(body.keys() - {given[0], params})
        raise MalformedRequestError(
            f"Expected only '{given[0]}' and '{params}', found also '{unknown[0]}'.",
            hint=closest(unknown[0], [params]),
        )
    found = _quoted(given or list(body)[:5])
    near = closest(str(next(iter(body))), names) if body and not given else ""
    raise MalformedRequestError(
        f"Expected exactly one of {_quoted(names)}, found {found or 'none'}.",
        hint=near or f'Plain rows go to POST /predict, or as {{"{names[-1]}": [rows]}} here.',
    )


def params_of(params: Any, name: str) -> Mapping[str, Any]:
    """Parameters, checked.

    Raises:
        MalformedRequestError: They are no object.
        InvalidInputError: One is not known.
    """
    if params is None:
        return {}
    if not isinstance(params, dict):
        raise MalformedRequestError(f"Expected '{name}' to be an object, found {describe(params)}.")
    unknown = sorted(params.keys() - {"outputs", "keys"})
    if unknown:
        raise InvalidInputError(
            f"Expected the {name} 'outputs' and 'keys', found '{unknown[0]}'.",
            hint=closest(unknown[0], ["outputs", "keys"]),
        )
    return params


def chosen_outputs(outputs: Any, known: tuple[str, ...]) -> tuple[str, ...]:
    """The output columns to answer: all unless some are named.

    Raises:
        MalformedRequestError: They are no list of names.
        InvalidInputError: The model has no such column.
    """
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


def rows_of(
    value: Any, names: tuple[str, ...], where: str, tensors: Mapping[str, SignatureColumn] = NO_TENSORS
) -> list[Any]:
    """Rows from a list of objects or of lists of values.

    Args:
        value: As decoded.
        names: The signature's columns, in its order.
        where: What the list is called in the request.
        tensors: The signature's columns of arrays.

    Raises:
        MalformedRequestError: It is no list, or one of its lists has too few or too many values.
    """
    if not isinstance(value, list):
        raise MalformedRequestError(
            f"Expected a list of rows {{column: value}}, found {describe(value)}.",
            hint="A row may be a list of values as well, in the order of the model's columns.",
            details={"where": where},
        )
    return [
        row if type(row) is dict and len(row) != 1 else row_of(row, number, names, tensors)
        for number, row in enumerate(value)
    ]


def row_of(row: Any, number: int, names: tuple[str, ...], tensors: Mapping[str, SignatureColumn] = NO_TENSORS) -> Any:
    """A row as an object where it is one or can be one; else as it is, for the signature's check to refuse.

    Where a model's only column holds arrays, a list is the array itself.

    Raises:
        MalformedRequestError: A list of too few or too many values.
    """
    values = row
    if type(row) is dict:
        # Only a column of arrays takes a list, so that a row of any other one is never mistaken for a wrapping.
        if len(row) != 1 or (tensors and next(iter(row)) in names):
            return row
        values = _unwrapped(row)
    if type(values) is not list:
        return row
    if tensors and len(names) == 1:
        return {names[0]: lone_row(values, tensors[names[0]])}
    if len(values) != len(names):
        shown = ", ".join(names[:_SHOWN_COLUMNS]) + (", …" if len(names) > _SHOWN_COLUMNS else "")
        raise MalformedRequestError(
            f"Expected {len(names)} values in each row, one per column of the model, found {len(values)} in row "
            f"{number}.",
            hint=f"Their order: {shown}. Or send rows as objects.",
            details={"row": number, "expected": len(names), "found": len(values), "columns": list(names)},
        )
    return dict(zip(names, values, strict=True))


def plain_values(prediction: Prediction, chosen: tuple[str, ...]) -> Sequence[Any]:
    """One value per row when one column is chosen, else one object."""
    return prediction.column(chosen[0]) if len(chosen) == 1 else prediction.objects(chosen)


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _unwrapped(row: dict[str, Any]) -> Any:
    """The list in `{"features": […]}` or `{"data": {"features": {"values": […]}}}`, as of SageMaker; else None."""
    inner = row.get("data")
    if type(inner) is dict and len(inner) == 1:
        features = inner.get("features")
        return features.get("values") if type(features) is dict else None
    return row.get("features")
