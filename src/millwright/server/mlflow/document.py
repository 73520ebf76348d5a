"""The wire described as OpenAPI 3.1: made from the routes themselves, so that it cannot be wrong about them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from millwright.server.mlflow.route import Mode
from millwright.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable

    from millwright.server.mlflow.route import Route

_NAMED = re.compile(r"\{(\w+)(?::path)?\}")
_SCHEMAS = "#/components/schemas/{name}"
_FAILURE = {
    "type": "object",
    "required": ["error_code", "message"],
    "properties": {"error_code": {"type": "string"}, "message": {"type": "string"}},
}


def wire_document(routes: Iterable[Route]) -> dict[str, Any]:
    """An OpenAPI 3.1 document of endpoints, under the first of their prefixes.

    Args:
        routes: The endpoints.
    """
    kept = tuple(routes)
    bodies = list(dict.fromkeys(route.body for route in kept if route.body is not None))
    _, components = msgspec.json.schema_components(bodies, ref_template=_SCHEMAS)
    paths: dict[str, dict[str, Any]] = {}
    for route in kept:
        prefix = route.prefixes[0]
        for path, _version in route.paths():
            if not prefix or path.startswith(f"/{prefix}/"):
                paths.setdefault(_NAMED.sub(r"{\1}", path), {})[route.method.lower()] = _operation(route, path)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Millwright: MLflow's wire", "version": __version__},
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": {**components, "Failure": _FAILURE}},
    }


def _operation(route: Route, path: str) -> dict[str, Any]:
    named = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in _NAMED.findall(path)
    ]
    operation: dict[str, Any] = {
        "operationId": f"{route.method.lower()}{path}",
        "summary": (route.handler.__doc__ or "").strip().partition("\n")[0],
        "parameters": named,
        "responses": {"200": {"description": "Done."}, "default": _failure()},
    }
    if route.body is not None and route.method == "GET":
        operation["parameters"] = named + _query(route.body, route.required)
    elif route.body is not None:
        schema = {"$ref": _SCHEMAS.format(name=route.body.__name__)}
        operation["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    elif route.mode is Mode.STREAM and route.method in {"PUT", "POST"}:
        binary = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        operation["requestBody"] = {"content": binary}
    return operation


def _query(body: type[msgspec.Struct], required: tuple[str, ...]) -> list[dict[str, Any]]:
    _, components = msgspec.json.schema_components([body], ref_template=_SCHEMAS)
    properties = components[body.__name__]["properties"]
    return [
        {"name": name, "in": "query", "required": name in required, "schema": schema}
        for name, schema in properties.items()
    ]


def _failure() -> dict[str, Any]:
    schema = {"$ref": _SCHEMAS.format(name="Failure")}
    return {"description": "A failure in MLflow's form.", "content": {"application/json": {"schema": schema}}}
