"""Which path is answered by what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from millwright.core.errors import MethodNotAllowedError, NotFoundError, closest

if TYPE_CHECKING:
    from millwright.deployment.realtime.answer import Answer
    from millwright.deployment.realtime.call import Call

Handler = Callable[["Call"], "Answer"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """One path.

    Attributes:
        path: Segments may be `{model}` and `{version}`.
        label: Its name in metrics.
        about: What it does, in a few words, for people.
        handlers: By method; HEAD is answered by what answers GET.
    """

    path: str
    label: str
    about: str
    handlers: Mapping[str, Handler]

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
            named[expected] = found
        elif expected != found:
            return None
    return named
