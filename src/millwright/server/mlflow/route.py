"""Which path is answered by what, under which versions and prefixes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import msgspec

from millwright.server.mlflow.permission import Rule


class Mode(Enum):
    """How a handler is run."""

    READ = "read"  # `handler(call, body)` in a thread
    WRITE = "write"  # `handler(call, body)` inside a transaction shared with other writes; answered once it is durable
    STREAM = "stream"  # `await handler(call, receive, send)` in the event loop; reads and sends by itself


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """One endpoint.

    Attributes:
        method: GET, POST, PATCH, PUT or DELETE.
        path: Behind the prefix: `/mlflow/runs/get`. A segment `{name}` matches one segment, `{name:path}` at the end
            matches the rest.
        handler: See `Mode`. It gives a `Wire` structure or a dictionary (sent as JSON), an `Answer`, or None (`{}`).
        rule: What the caller must be allowed to do.
        body: The structure that the JSON body, or a GET's query, is decoded to; None for `STREAM` or no parameters.
        required: Names of fields that must be there and not empty, in the order in which they are asked for.
        mode: How the handler is run.
        versions: Of the prefix: `/api/2.0` and `/api/3.0`.
        prefixes: `api` and `ajax-api` for most; an empty one means that the path is absolute.
    """

    method: str
    path: str
    handler: Callable[..., Any]
    rule: Rule
    body: type[msgspec.Struct] | None = None
    required: tuple[str, ...] = ()
    mode: Mode = Mode.READ
    versions: tuple[int, ...] = (2,)
    prefixes: tuple[str, ...] = ("api", "ajax-api")

    def paths(self) -> list[tuple[str, int]]:
        """Every full path that it answers, with the version."""
        return [
            (f"/{prefix}/{version}.0{self.path}" if prefix else self.path, version)
            for prefix in self.prefixes
            for version in self.versions
        ]


@dataclass(frozen=True, slots=True)
class Match:
    """A route, what its path names, and the version it was asked under."""

    route: Route
    path: Mapping[str, str]
    version: int


class NoRouteError(Exception):
    """Nothing answers at that path (404), or not for that method (405); the application answers it by itself."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        super().__init__("There is nothing here.")
        self.allowed = sorted(allowed)


class Router:
    """Finds routes: those without parameters by one look-up, the others among the patterns of the same beginning.

    Raises:
        ValueError: Two routes answer the same method and path.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = tuple(routes)
        self._fixed: defaultdict[str, dict[str, Match]] = defaultdict(dict)
        self._patterns: defaultdict[str, list[tuple[list[str], int, Route]]] = defaultdict(list)
        for route in self.routes:
            for path, version in route.paths():
                self._add(route, path, version)

    def _add(self, route: Route, path: str, version: int) -> None:
        if "{" in path:
            segments = path.split("/")
            self._patterns[_beginning(segments)].append((segments, version, route))
        elif route.method in self._fixed[path]:
            raise ValueError(f"Two routes answer {route.method} {path}.")
        else:
            self._fixed[path][route.method] = Match(route, {}, version)

    def answers(self, path: str) -> bool:
        """Whether some method has a route at the path."""
        try:
            self.find("", path)
        except NoRouteError as error:
            return bool(error.allowed)
        return True

    def find(self, method: str, path: str) -> Match:
        """The route of a request.

        Args:
            method: In upper case; HEAD is answered by what answers GET.
            path: Percent-decoded once.

        Raises:
            NoRouteError: Nothing answers; `allowed` names the methods that would.
        """
        method = "GET" if method == "HEAD" else method
        fixed = self._fixed.get(path, {})
        if method in fixed:
            return fixed[method]
        allowed = set(fixed)
        segments = path.split("/")
        for pattern, version, route in self._patterns.get(_beginning(segments), ()):
            named = _named(pattern, segments)
            if named is None:
                continue
            if route.method == method:
                return Match(route, named, version)
            allowed.add(route.method)
        raise NoRouteError(allowed)


def _beginning(segments: list[str]) -> str:
    return "/".join(segments[:5])  # no route names something before its sixth part


def _named(pattern: list[str], segments: list[str]) -> dict[str, str] | None:
    named: dict[str, str] = {}
    for at, part in enumerate(pattern):
        if part.endswith(":path}"):
            named[part[1:-6]] = rest = "/".join(segments[at:])
            return named if rest else None
        if at >= len(segments):
            return None
        if part.startswith("{"):
            if not segments[at]:
                return None
            named[part[1:-1]] = segments[at]
        elif part != segments[at]:
            return None
    return named if len(pattern) == len(segments) else None
