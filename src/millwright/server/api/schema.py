"""`/openapi.json`: the API described in OpenAPI 3.1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from millwright.version import __version__

if TYPE_CHECKING:
    from litestar import Request

PATH = "/openapi.json"
_TEXT = {"type": "string"}
_FAILURE = {
    "type": "object",
    "title": "Failure",
    "description": "The one shape of everything that goes wrong.",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "hint", "details"],
            "properties": {
                "code": {**_TEXT, "description": "Stable, for programs."},
                "message": {**_TEXT, "description": "What was expected, and what was found."},
                "hint": {**_TEXT, "description": "What to do next; may be empty."},
                "details": {"type": "object", "description": "More facts, for programs."},
            },
        }
    },
}
_FAILURES = {
    "404": "What was named does not exist",
    "421": "The request names a host that this server does not answer for",
    "422": "A parameter is not valid",
    "500": "Something unexpected went wrong",
}


class FailureAwarePlugin(JsonRenderPlugin):
    """Renders the description with our one error shape in place of the framework's."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The description as JSON."""
        del request
        return msgspec.json.encode(described(openapi_schema))


def described(schema: dict[str, Any]) -> dict[str, Any]:
    """A description whose operations fail in our shape.

    Args:
        schema: As the framework made it; left as it is.
    """
    told: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(schema, enc_hook=str))
    for path in told["paths"].values():
        for operation in path.values():
            operation["responses"].pop("400", None)
            operation["responses"].update({status: _failure(about) for status, about in _FAILURES.items()})
    told.setdefault("components", {}).setdefault("schemas", {})["Failure"] = _FAILURE
    return told


def openapi_config() -> OpenAPIConfig:
    """How the framework describes the routes."""
    return OpenAPIConfig(
        title="Millwright",
        version=__version__,
        summary="Records of data, runs, models, endpoints, decisions and their proof, to read; and your own tokens.",
        path=PATH,
        render_plugins=[FailureAwarePlugin(path="/")],
        use_handler_docstrings=True,
    )


def _failure(about: str) -> dict[str, Any]:
    return {
        "description": about,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Failure"}}},
    }
