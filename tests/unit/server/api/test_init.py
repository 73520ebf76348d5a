from __future__ import annotations

import importlib
import pkgutil

from litestar.handlers import HTTPRouteHandler

from millwright.server import api


def test_router_holds_every_handler_of_the_package(control):
    modules = [importlib.import_module(f"{api.__name__}.{found.name}") for found in pkgutil.iter_modules(api.__path__)]
    handlers = [value for module in modules for value in vars(module).values() if isinstance(value, HTTPRouteHandler)]
    described = {path.replace("{", "").replace("}", "") for path in control.json("/openapi.json")["paths"]}
    for path in sorted({path for handler in handlers for path in handler.paths}):
        plain = path.replace("{", "").replace("}", "").replace(":str", "").replace(":int", "")
        assert {plain, api.PREFIX + plain} & described, path
    assert len(described) == len({path for handler in handlers for path in handler.paths})


def test_probes_stand_outside_the_api():
    assert sorted(path for handler in api.probe_handlers() for path in handler.paths) == ["/health", "/version"]
