"""JSON Schema of a model's rows and predictions, as the components of its OpenAPI document, and examples of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.deployment.realtime.protocol.example import example_row
from millwright.models.column import ColumnType
from millwright.models.policy import UnseenPolicy
from millwright.models.tensor.value import shown_shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.deployment.realtime.served_model import ServedModel
    from millwright.models.signature import SignatureColumn

_TYPES: Mapping[ColumnType, Mapping[str, Any]] = {
    ColumnType.NUMBER: {"type": "number"},
    ColumnType.INTEGER: {"type": "integer", "format": "int64"},
    ColumnType.BOOLEAN: {"type": "boolean"},
    ColumnType.CATEGORY: {"type": "string"},
    ColumnType.DATE: {"type": "string", "format": "date", "description": "A date or a moment as ISO 8601 text."},
    ColumnType.TEXT: {"type": "string"},
    ColumnType.TENSOR: {"type": "array"},
}
_SHOWN_CATEGORIES = 10


def ref(name: str) -> dict[str, Any]:
    """A reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def many(schema: Mapping[str, Any]) -> dict[str, Any]:
    """At least one of something."""
    return {"type": "array", "items": schema, "minItems": 1}


def exactly(**properties: Mapping[str, Any]) -> dict[str, Any]:
    """An object that holds these and nothing else; a name that ends in `_` may be absent, without its end."""
    return {
        "type": "object",
        "required": [name for name in properties if not name.endswith("_")],
        "properties": {name.removesuffix("_"): schema for name, schema in properties.items()},
        "additionalProperties": False,
    }


def components(served: ServedModel) -> dict[str, Any]:
    """The schemas that the paths refer to."""
    inputs, outputs, unseen = served.signature.inputs, served.signature.outputs, served.signature.unseen
    predicted = {column.name: _column(column) for column in outputs}
    named = [column.name for column in outputs]
    detail: dict[str, Any] = {"code": {"type": "string"}, "message": {"type": "string"}, "hint": {"type": "string"}}
    error: dict[str, Any] = {
        "type": "object",
        "required": [*detail, "details"],
        "properties": {**detail, "details": {"type": "object"}},
    }
    return {
        "Row": {
            "type": "object",
            "required": [column.name for column in served.asked if column.required],
            "properties": {column.name: _column(column, unseen) for column in served.asked},
            "additionalProperties": False,
            "example": example_row(served),
        },
        "Values": {
            "type": "array",
            "description": "A row as a list, in the order of the model's columns.",
            "prefixItems": [_column(column, unseen) for column in inputs],
            "minItems": len(inputs),
            "maxItems": len(inputs),
            "example": example_values(served),
        },
        "Prediction": {"type": "object", "required": named, "properties": predicted},
        "NamedPrediction": {
            "type": "object",
            "required": [*named, "prediction_id"],
            "properties": {
                **predicted,
                "prediction_id": {"type": "string"},
                "explanation": ref("Explanation"),
            },
        },
        "Explanation": _explanation(named),
        "Params": _params(named),
        "Error": exactly(error=error),
        "TextError": {
            "type": "object",
            "required": ["error", *detail, "details"],
            "properties": {"error": {"type": "string"}, **error["properties"]},
        },
    }


def _params(outputs: list[str]) -> dict[str, Any]:
    keys = {
        "type": "array",
        "items": {"type": ["string", "integer"]},
        "description": "The caller's own id of each row.",
    }
    return exactly(outputs_=many({"type": "string", "enum": outputs}), keys_=keys)


def _explanation(outputs: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "description": "What each column added to `base`; together they are the answer, or its margin.",
        "required": ["output", "scale", "base", "contributions", "method"],
        "properties": {
            "output": {"type": "string", "enum": outputs},
            "scale": {"type": "string", "enum": ["answer", "margin"]},
            "base": {"type": "number"},
            "contributions": {"type": "object", "additionalProperties": {"type": "number"}},
            "method": {"type": "string", "enum": ["tree", "linear", "shapley", "sampled"]},
        },
    }


def example_values(served: ServedModel) -> list[Any]:
    """The example's values, in the signature's order."""
    row = example_row(served)
    return [row.get(name) for name in served.input_names]


def rows() -> dict[str, Any]:
    """Rows, each an object or a list."""
    return many({"oneOf": [ref("Row"), ref("Values")]})


def split() -> dict[str, Any]:
    """A table as pandas' `to_dict("split")` gives it."""
    return {
        "type": "object",
        "required": ["columns", "data"],
        "properties": {
            "columns": {"type": "array", "items": {"type": "string"}},
            "index": {"type": "array"},
            "data": {"type": "array", "items": {"type": "array"}},
        },
    }


def predictions(served: ServedModel) -> dict[str, Any]:
    """Predictions as `plain_values` gives them: any of the outputs by itself, since a request may choose one."""
    alone = [_column(column) for column in served.signature.outputs]
    return many({"anyOf": [ref("Prediction"), *alone, {"type": "object"}]})


def explanations() -> dict[str, Any]:
    """One explanation per row; there only where they are asked for."""
    return many(ref("Explanation"))


def _column(column: SignatureColumn, unseen: UnseenPolicy = UnseenPolicy.ALLOW) -> dict[str, Any]:
    schema = _array(column) if column.type is ColumnType.TENSOR else dict(_TYPES[column.type])
    if column.nullable:
        schema["type"] = [schema["type"], "null"]
    if column.default is not None:
        schema["default"] = column.default
    if column.type is ColumnType.CATEGORY and unseen is UnseenPolicy.REFUSE:
        schema["enum"] = [*column.categories, *([None] if column.nullable else [])]
    elif column.categories:
        schema["examples"] = list(column.categories[:_SHOWN_CATEGORIES])
    elif column.minimum is not None and column.maximum is not None and column.type is not ColumnType.DATE:
        schema["description"] = f"{column.minimum:g} to {column.maximum:g} in training."
    return schema


def _array(column: SignatureColumn) -> dict[str, Any]:
    """Nested lists of a tensor column's shape."""
    kind = {"b": "boolean", "f": "number"}.get(column.dtype[0], "integer")
    schema: dict[str, Any] = {"type": kind}
    for size in reversed(column.shape):
        sizes = {"minItems": 1} if size == -1 else {"minItems": size, "maxItems": size}
        schema = {"type": "array", "items": schema, **sizes}
    return {**schema, "description": f"A tensor of shape {shown_shape(column.shape)}, {column.dtype}."}
