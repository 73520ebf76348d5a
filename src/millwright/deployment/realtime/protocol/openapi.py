"""`GET /openapi.json`: all paths in OpenAPI 3.1, with the bodies and answers that the model's signature makes of them.

The same document is at `/swagger.json`, where Azure ML looks for it.

Source: https://spec.openapis.org/oas/v3.1.0.html.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from millwright.deployment.realtime.answer import has_text_errors, json_answer
from millwright.deployment.realtime.protocol.example import without_long
from millwright.deployment.realtime.protocol.schema import components, ref
from millwright.deployment.realtime.route import Operation, Route
from millwright.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from millwright.deployment.realtime.answer import Answer
    from millwright.deployment.realtime.call import Call
    from millwright.deployment.realtime.served_model import ServedModel

_PARAMETER = re.compile(r"\{(\w+)\}")
_MODEL = "{model}"
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]")  # of components
_SCHEMAS = "#/components/schemas/"
_JSON = "application/json"
_ANY_OBJECT = {_JSON: {"schema": {"type": "object"}}}
_HEADERS = {
    "X-Request-Id": {"description": "The request's, or one made for it.", "schema": {"type": "string"}},
    "X-Model-Version": {"description": "The version that answered, name@version.", "schema": {"type": "string"}},
}
_EXPLAIN = {
    "name": "explain",
    "in": "query",
    "description": "Whether the answer says what each column contributed, for up to 100 rows.",
    "schema": {"type": "boolean", "default": False},
}
_IDS = {
    "X-Prediction-Id": {
        "description": "The ids of up to 16 predictions, separated by commas.",
        "schema": {"type": "string"},
    }
}


def openapi_routes(routes: Callable[[], tuple[Route, ...]]) -> tuple[Route, ...]:
    """The paths of the document.

    Args:
        routes: All of the server's paths, asked for when the document is.
    """

    def answer_document(call: Call) -> Answer:
        slots = call.state.slots
        names = [name for slot in slots for name in (slot.current.name, slot.endpoint)]
        found = document(call.served, routes(), tuple(dict.fromkeys(names)))
        if len(slots) > 1:
            found = with_each_model(found, {slot.endpoint: slot.current for slot in slots}, routes())
        has_tensors = any(slot.current.signature.tensors for slot in slots)
        return json_answer(without_long(found) if has_tensors else found)

    return tuple(
        Route(path=path, label="openapi", about=about, handlers={"GET": answer_document})
        for path, about in (("/openapi.json", "this list in OpenAPI 3.1"), ("/swagger.json", "the same, for Azure ML"))
    )


def document(served: ServedModel, routes: tuple[Route, ...], names: tuple[str, ...]) -> dict[str, Any]:
    """The document.

    Args:
        served: The version whose signature the schemas come from.
        routes: What is described.
        names: By which paths may name a model.
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": served.ref,
            "version": str(served.version),
            "summary": f"Predicts {served.signature.target} ({served.signature.task}).",
            "description": f"Served by Millwright {__version__}.",
        },
        "servers": [{"url": "/"}],
        "paths": {route.path: _path(served, route, names) for route in routes},
        "components": {"schemas": components(served)},
    }


def with_each_model(
    described: Mapping[str, Any], models: Mapping[str, ServedModel], routes: tuple[Route, ...]
) -> dict[str, Any]:
    """A document that tells the paths of each model by themselves, in place of those with a parameter.

    Args:
        described: The first model's document.
        models: Endpoint → what answers there, the first model's first.
        routes: What is described.
    """
    paths = {path: each for path, each in described["paths"].items() if _MODEL not in path}
    schemas = dict(described["components"]["schemas"])
    for number, (endpoint, served) in enumerate(models.items()):
        prefix = "" if number == 0 else f"{_NOT_IN_NAMES.sub('_', endpoint)}.{number + 1}."
        for route in routes:
            if _MODEL in route.path:
                own = replace(route, path=route.path.replace(_MODEL, quote(endpoint, safe="")))
                paths[own.path] = _named(_path(served, own, (endpoint,)), prefix)
        schemas |= {f"{prefix}{name}": _named(each, prefix) for name, each in components(served).items()}
    told = "; ".join(f"{served.ref} at '{endpoint}'" for endpoint, served in models.items())
    info = {**described["info"], "description": f"{described['info']['description']} Models: {told}."}
    return {**described, "info": info, "paths": paths, "components": {"schemas": schemas}}


def _named(described: Any, prefix: str) -> Any:
    """The same with references to the schemas of one model."""
    if isinstance(described, dict):
        return {
            name: f"{_SCHEMAS}{prefix}{each.removeprefix(_SCHEMAS)}"
            if name == "$ref" and isinstance(each, str)
            else _named(each, prefix)
            for name, each in described.items()
        }
    return [_named(each, prefix) for each in described] if isinstance(described, list) else described


def _path(served: ServedModel, route: Route, names: tuple[str, ...]) -> dict[str, Any]:
    known = {"model": list(names), "version": [str(served.version)]}
    found: dict[str, Any] = {method.lower(): _operation(served, route, method) for method in sorted(route.handlers)}
    parameters = _PARAMETER.findall(route.path)
    if parameters:
        found["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string", "enum": known[name]}}
            for name in parameters
        ]
    return found


def _operation(served: ServedModel, route: Route, method: str) -> dict[str, Any]:
    described = route.describe(served) if route.describe is not None else Operation()
    is_predicting = method == "POST" and bool(described.bodies)
    error = {_JSON: {"schema": ref("TextError" if has_text_errors(route.path) else "Error")}}
    operation: dict[str, Any] = {
        "operationId": re.sub(r"\W+", "_", f"{method.lower()}{route.path}").strip("_"),
        "summary": route.about,
        "responses": {
            "200": {
                "description": "Answered.",
                "headers": {**_HEADERS, **_IDS} if is_predicting else _HEADERS,
                "content": described.answers or _ANY_OBJECT,
            },
            "4XX": {"description": "Refused: what was expected, what was found.", "content": error},
            "5XX": {"description": "Not answered at present.", "content": error},
        },
    }
    if is_predicting:
        operation["parameters"] = [_EXPLAIN]
    if method == "POST" and described.bodies:
        operation["requestBody"] = {"required": described.needs_body, "content": described.bodies}
    return operation
