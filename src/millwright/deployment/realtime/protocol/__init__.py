"""The contracts that the server speaks: one module each, with the paths it adds.

A further contract is a further module with `routes()`, named in `all_routes`. Handlers take a `Call` and give an
`Answer`; those that predict are a `Contract` of two halves.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from millwright.deployment.realtime.protocol import (
    azure,
    kserve,
    metrics,
    mlflow_scoring,
    open_inference,
    plain_rows,
    probe,
    repository,
    vertex,
)
from millwright.deployment.realtime.protocol.openapi import openapi_routes
from millwright.deployment.realtime.protocol.page import page_route

if TYPE_CHECKING:
    from millwright.deployment.realtime.route import Route, RouteOptions

__all__ = ["all_routes"]


def all_routes(options: RouteOptions) -> tuple[Route, ...]:
    """Every path of the server; one that the options choose comes before ours of the same name."""
    found = {
        route.path: route
        for route in (
            page_route(lambda: all_routes(options)),
            *openapi_routes(lambda: all_routes(options)),
            *plain_rows.routes(),
            *open_inference.routes(),
            *repository.routes(),
            *kserve.routes(),
            *mlflow_scoring.routes(),
            *azure.routes(),
            *metrics.routes(),
            *probe.routes(),
        )
    }
    for chosen in vertex.routes(options):
        ours = found.get(chosen.path)
        handlers = {**(ours.handlers if ours else {}), **chosen.handlers}
        takes = chosen.takes if ours is None or "POST" in chosen.handlers else ours.takes
        found[chosen.path] = replace(chosen, handlers=handlers, takes=takes)
    return tuple(found.values())
