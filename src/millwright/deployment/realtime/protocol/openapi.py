"""`GET /openapi.json`: all paths in OpenAPI 3.1, with the bodies and answers that the model's signature makes of them.

The same document is at `/swagger.json`, where Azure ML looks for it.

Source: https://spec.openapis.org/oas/v3.1.0.html.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from millwright.deployment.realtime.answer import has_text_errors, json_answer
from millwright.deployment.realtime.protocol.schema import components, ref
from millwright.deployment.realtime.route import Operation, Route
from millwright.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.deployment.realtime.answer import Answer
    from millwright.deployment.realtime.call import Call
    from millwright.deployment.realtime.served_model import ServedModel

_PARAMETER = re.compile(r"\{(\w+)\}")
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
        names = [name for slot in call.state.slots for name in (slot.current.name, slot.endpoint)]
        return json_answer(document(call.served, routes(), tuple(dict.fromkeys(names))))

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
