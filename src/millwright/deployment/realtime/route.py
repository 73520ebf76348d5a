"""Which path is answered by what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from millwright.core.errors import MethodNotAllowedError, NotFoundError, closest

if TYPE_CHECKING:
    from millwright.deployment.realtime.answer import Answer
    from millwright.deployment.realtime.call import Call
    from millwright.deployment.realtime.contract import Contract
    from millwright.deployment.realtime.explaining import Explained
    from millwright.deployment.realtime.served_model import ServedModel

Handler: TypeAlias = "Callable[[Call], Answer] | Contract | Explained"
Describe = Callable[["ServedModel"], "Operation"]

JSON_TYPES = frozenset({b"application/json", b"text/json"})


@dataclass(frozen=True, kw_only=True, slots=True)
class RouteOptions:
    """Paths that whoever runs the server chooses.

    Attributes:
        predict_paths: Further paths that take `instances` and `parameters`, as Vertex AI's `AIP_PREDICT_ROUTE`.
        health_paths: Further paths of the readiness probe, as its `AIP_HEALTH_ROUTE`.
    """

    predict_paths: tuple[str, ...] = ()
    health_paths: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """What a path takes and answers, for its description in OpenAPI.

    Attributes:
        bodies: By content type `{"schema": …, "example": …}`; empty when it takes none.
        answers: Likewise.
        needs_body: Whether a request without a body is refused.
    """

    bodies: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    needs_body: bool = True


def answers_text(content_type: str) -> Describe:
    """Describes a path that answers text of some type."""
    described = Operation(answers={content_type: {"schema": {"type": "string"}}})
    return lambda _served: described


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """One path.

    Attributes:
        path: Segments may be `{model}` and `{version}`, the former with an end: `{model}:predict`.
        label: Its name in metrics.
        about: What it does, in a few words, for people.
        handlers: By method; HEAD is answered by what answers GET.
        takes: Content types of bodies, lower-case; any `…+json` where JSON is among them.
        describe: Its bodies and answers for a model; any JSON object when None.
    """

    path: str
    label: str
    about: str
    handlers: Mapping[str, Handler]
    takes: frozenset[bytes] = JSON_TYPES
    describe: Describe | None = None

    def handler(self, method: str) -> Handler:
        """What answers a method.

        Raises:
            MethodNotAllowedError: Nothing does.
        """
        handler = self.handlers.get("GET" if method == "HEAD" else method)
        if handler is None:
            allowed = sorted(self.handlers)
            raise MethodNotAllowedError(
                f"Expected {' or '.join(allowed)} for {self.path}, found {method[:20]}.",
                hint=f"Use {allowed[-1]}.",
                details={"allowed": allowed, "found": method[:20]},
            )
        return handler


@dataclass(frozen=True, slots=True)
class Match:
    """A route and what its path named."""

    route: Route
    model: str | None = None
    version: str | None = None


class Router:
    """Finds the route of a path: those without parameters by one look-up, the others by their segments."""

    def __init__(self, routes: tuple[Route, ...]) -> None:
        self.routes = routes
        self._fixed = {route.path: Match(route) for route in routes if "{" not in route.path}
        self._patterns = [(route.path.split("/"), route) for route in routes if "{" in route.path]

    def find(self, path: str) -> Match:
        """The route of a path; a slash at its end makes no difference.

        Raises:
            NotFoundError: There is none; names the closest.
        """
        match = self._fixed.get(path) or self._fixed.get(path.rstrip("/"))
        if match is not None:
            return match
        segments = path.rstrip("/").split("/")
        for pattern, route in self._patterns:
            named = _named(pattern, segments)
            if named is not None:
                return Match(route, named.get("{model}"), named.get("{version}"))
        raise NotFoundError(
            f"Expected one of this server's paths, found '{path[:200]}'.",
            hint=f"{closest(path[:200], [route.path for route in self.routes])} GET / lists them.",
        )


def _named(pattern: list[str], segments: list[str]) -> dict[str, str] | None:
    if len(pattern) != len(segments):
        return None
    named: dict[str, str] = {}
    for expected, found in zip(pattern, segments, strict=True):
        if expected.startswith("{"):
            name, brace, end = expected.partition("}")
            if not found.endswith(end) or len(found) == len(end):
                return None
            named[f"{name}{brace}"] = found.removesuffix(end)
        elif expected != found:
            return None
    return named
