"""What a span says of a request, by OpenTelemetry's conventions.

Sources: https://opentelemetry.io/docs/specs/semconv/http/http-spans/ (server spans) and
https://opentelemetry.io/docs/specs/semconv/rpc/grpc/. What is ours is named `millwright.…`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_IDS = 16
_KNOWN_METHODS = {"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE", "QUERY"}
_FAILED = 500
_LONGEST = 1_000
RPC = "RPC"


def span_name(method: str, path: str, route: str) -> str:
    """`POST /predict`, with the route in the place of the path, which would be a name per model; `HTTP` where none is.

    Args:
        method: As observed.
        path: As the caller wrote it.
        route: The path's pattern; empty when it is none of the server's.
    """
    if method == RPC:
        return path.strip("/")
    known = method if method in _KNOWN_METHODS else "HTTP"
    return f"{known} {route}" if route else known


def request_attributes(method: str, path: str, route: str, headers: Mapping[str, str], client: str) -> dict[str, Any]:
    """What is known when a request comes.

    Args:
        method: As observed.
        path: As the caller wrote it.
        route: The path's pattern; empty when it is none of the server's.
        headers: By lower-case name.
        client: `host:port` of the caller; empty when unknown.
    """
    found: dict[str, Any] = {"url.path": path[:_LONGEST], "url.scheme": "http", "network.protocol.name": "http"}
    if method == RPC:
        service, _, name = path.strip("/").rpartition("/")
        found = {"rpc.system": "grpc", "rpc.system.name": "grpc", "rpc.service": service, "rpc.method": name}
    elif method in _KNOWN_METHODS:
        found["http.request.method"] = method
    else:
        found["http.request.method"], found["http.request.method_original"] = "_OTHER", method[:_LONGEST]
    if route and method != RPC:
        found["http.route"] = route
    if "host" in headers:
        found |= _address("server", headers["host"])
    if client:
        found |= _address("client", client)
    if "user-agent" in headers:
        found["user_agent.original"] = headers["user-agent"][:_LONGEST]
    return found


def answer_attributes(method: str, status: int, error: str, size: int, answer_size: int) -> dict[str, Any]:
    """What is known when a request was answered.

    Args:
        method: As observed.
        status: The HTTP status.
        error: The error's code; empty without one.
        size: Bytes of the request's body.
        answer_size: Bytes of the answer's.
    """
    found: dict[str, Any] = {"http.request.body.size": size, "http.response.body.size": answer_size}
    if method != RPC:
        found["http.response.status_code"] = status
    if status >= _FAILED:
        found["error.type"] = error or str(status)
    if error:
        found["millwright.error.code"] = error
    return found


def model_attributes(endpoint: str, model: str, version: int, arm: str, ids: list[str]) -> dict[str, Any]:
    """Which model answered, and which predictions it made."""
    found: dict[str, Any] = {
        "millwright.endpoint": endpoint,
        "millwright.model.name": model,
        "millwright.model.version": version,
        "millwright.arm": arm,
    }
    if ids:
        found |= {"millwright.rows": len(ids), "millwright.prediction.ids": ids[:_MOST_IDS]}
    return found


def _address(what: str, text: str) -> dict[str, Any]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        return {f"{what}.address": text[:_LONGEST]}
    return {f"{what}.address": host.strip("[]")[:_LONGEST], f"{what}.port": int(port[:5])}
